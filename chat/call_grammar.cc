#include "chat/call_grammar.h"

#include <algorithm>
#include <vector>

#include "chat/foreign_calls.h"
#include "chat/native_values.h"
#include "text/schema/schema.h"
#include "tokenizer/marks.h"

namespace hasten {
namespace {

using grammar::kEmptyText;
using grammar::kNothing;
using grammar::ReId;
using Json = nlohmann::ordered_json;

// A small model that has to call may find no end.
constexpr uint32_t kMostCalls = 16;

// How a syntax puts calls together: before each or before all, what stands between, behind each or behind all.
struct Frame {
  std::vector<std::string> mark = {};  // begins a call; control tokens and text in turn
  bool around_all = false;             // the mark and the end stand around all calls, not around each
  std::string list_open = {}, separator = {}, list_close = {};
  std::vector<std::string> end = {};
};

Frame FrameOf(ToolSyntax syntax) {
  switch (syntax) {
    case ToolSyntax::kHermes:
    case ToolSyntax::kQwenXml:
      return {.mark = {"<tool_call>"}, .separator = "\n", .end = {"</tool_call>"}};
    case ToolSyntax::kLlama3:
      return {.separator = "; "};
    case ToolSyntax::kMistral:
      return {.mark = {"[TOOL_CALLS]"}, .around_all = true, .list_open = "[", .separator = ", ", .list_close = "]"};
    case ToolSyntax::kMistralArgs:
      return {.mark = {"[TOOL_CALLS]"}};
    case ToolSyntax::kGranite:
      return {.mark = {"<|tool_call|>"}, .around_all = true, .list_open = "[", .separator = ", ", .list_close = "]"};
    case ToolSyntax::kHarmony:
      return {.mark = {"<|channel|>", "commentary to=functions."}, .separator = "<|start|>assistant", .end = {"<|call|>"}};
    case ToolSyntax::kFunctionary31:
      return {.mark = {"<function="}, .separator = "\n", .end = {"</function>"}};
    case ToolSyntax::kFunctionary32:
      return {.mark = {">>>"}};
    case ToolSyntax::kGemma:
      return {.mark = {"<start_function_call>"}, .end = {"<end_function_call>"}};
    case ToolSyntax::kGemma4:
      return {.mark = {"<|tool_call>"}, .end = {"<tool_call|>"}};
    case ToolSyntax::kLfm2:
      return {.mark = {"<|tool_call_start|>"},
              .around_all = true,
              .list_open = "[",
              .separator = ", ",
              .list_close = "]",
              .end = {"<|tool_call_end|>"}};
    case ToolSyntax::kGeneric:
      return {.around_all = true, .list_open = "[", .separator = ", ", .list_close = "]"};
  }
  return {};
}

const Json* PropertyOf(const Json& schema, const std::string& name) {
  const auto properties = schema.find("properties");
  if (properties == schema.end() || !properties->is_object()) return nullptr;
  const auto at = properties->find(name);
  return at == properties->end() ? nullptr : &*at;
}

class Builder {
 public:
  Builder(grammar::Grammar& g, const CallRules& rules, const Tokenizer& tokenizer)
      : g_(g), pool_(g.pool), rules_(rules), tokenizer_(tokenizer), frame_(FrameOf(rules.syntax)) {}

  Result<ReId> Build() {
    for (const Json& tool : rules_.tools) TRY_OK(AddTool(tool));
    if (tools_.empty()) return Error{Code::kBadInput, "there is no tool that could be called"};
    // Calls in a list are all of one form.
    native_ = std::ranges::all_of(tools_, [](const Tool& t) { return t.native != kNothing; });
    ReId call = kNothing;
    for (const Tool& tool : tools_) call = pool_.Or(call, native_ ? tool.native : tool.json);
    return frame_.around_all ? List(call) : Sequence(call);
  }

 private:
  struct Tool {
    ReId json, native;  // kNothing: cannot be said
  };

  ReId All(std::initializer_list<ReId> parts) {
    ReId all = kEmptyText;
    for (auto at = std::rbegin(parts); at != std::rend(parts); ++at) all = pool_.Concat(*at, all);
    return all;
  }
  ReId Text(std::string_view text) { return pool_.Literal(text); }
  ReId Mark(const std::string& text) { return MarkGrammar(g_, text, tokenizer_); }
  ReId Marks(const std::vector<std::string>& texts) {
    ReId all = kEmptyText;
    for (const std::string& text : texts) all = pool_.Concat(all, Mark(text));
    return all;
  }

  static std::string Quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

  Status AddTool(const Json& tool) {
    const Json& function = tool.contains("function") ? tool.at("function") : tool;
    const std::string name = function.at("name");
    Json schema = {{"type", "object"}, {"properties", Json::object()}};
    if (function.contains("parameters") && function.at("parameters").is_object() && !function.at("parameters").empty())
      schema = function.at("parameters");
    auto compiled = CompileSchema(g_, schema.dump(-1, ' ', false, Json::error_handler_t::replace), {});
    if (!compiled) return Error{compiled.error().code, "the parameters of " + name + ": " + compiled.error().what};
    g_.symbols.push_back({.name = "arguments of " + name, .value = *compiled});
    const ReId arguments = pool_.Call(uint32_t(g_.symbols.size() - 1));
    const char* key = rules_.syntax == ToolSyntax::kLlama3 ? "parameters" : "arguments";
    const char* open = rules_.behind_mark && frame_.mark.empty() ? "" : "{\"name\":";  // the mark is its beginning there
    Tool made = {.json = All({Text(open + (" " + Quoted(name)) + ", \"" + key + "\": "), arguments, Text("}")}),
                 .native = kNothing};
    made.native = Native(name, schema, *compiled, arguments, made.json);
    tools_.push_back(made);
    return {};
  }

  // The call as this family writes it, between mark and end.
  ReId Native(const std::string& name, const Json& schema, grammar::ValueId value, ReId arguments, ReId json) {
    switch (rules_.syntax) {
      case ToolSyntax::kQwenXml:
        return Named(name, value, [&](const grammar::ObjectShape& shape) { return Elements(name, schema, shape); });
      case ToolSyntax::kGemma:
        return Named(name, value, [&](const grammar::ObjectShape& shape) { return Gemma(name, shape, "<escape>"); });
      case ToolSyntax::kGemma4:
        return Named(name, value, [&](const grammar::ObjectShape& shape) { return Gemma(name, shape, "<|\"|>"); });
      case ToolSyntax::kLfm2:
        return Named(name, value, [&](const grammar::ObjectShape& shape) { return Python(name, shape); });
      case ToolSyntax::kMistralArgs:
        return All({Text(name), Mark("[ARGS]"), arguments});
      case ToolSyntax::kHarmony:
        return All({Text(name + " "), Mark("<|constrain|>"), Text("json"), Mark("<|message|>"), arguments});
      case ToolSyntax::kFunctionary31:
        return All({Text(name + ">"), arguments});
      case ToolSyntax::kFunctionary32:
        return All({Text(name + "\n"), arguments});
      default:
        return json;
    }
  }

  template <class Write>
  ReId Named(const std::string& name, grammar::ValueId value, Write write) {
    if (!IsBareName(name)) return kNothing;
    const std::vector<grammar::ObjectShape> shapes = g_.json.values[value].objects;  // a copy: more values are made
    ReId any = kNothing;
    for (const grammar::ObjectShape& shape : shapes) {
      const bool listed = std::ranges::all_of(shape.members, [](const grammar::Member& m) { return IsBareName(m.name); });
      // Members that are not listed cannot be written: without any that are, nothing could.
      const bool open = shape.members.empty() && !shape.classes.empty();
      const ReId written = listed && !open ? write(shape) : kNothing;
      if (written == kNothing) return kNothing;
      any = pool_.Or(any, written);
    }
    return any;
  }

  // <function=name>, each parameter on lines of its own, </function>
  ReId Elements(const std::string& name, const Json& schema, const grammar::ObjectShape& shape) {
    // A parameter that is not listed where the reader looks would be read as a text.
    const auto listed = [&](const grammar::Member& m) { return PropertyOf(schema, m.name) != nullptr; };
    if (!std::ranges::all_of(shape.members, listed)) return kNothing;
    const ReId members = MembersInOrder(g_, shape, kEmptyText, [&](const grammar::Member& m) {
      return All(
          {Text("<parameter=" + m.name + ">\n"), Element(PropertyOf(schema, m.name), m.value), Text("\n</parameter>\n")});
    });
    if (members == kNothing) return kNothing;
    return All({Text("\n<function=" + name + ">\n"), members, Text("</function>\n")});
  }
  ReId Element(const Json* schema, grammar::ValueId id) {
    const grammar::Value value = g_.json.values[id];
    const TextForm form = TextFormOf(schema);
    if (!form.text || value.strings.empty()) {
      g_.symbols.push_back({.name = "a parameter", .value = id});
      return pool_.Call(uint32_t(g_.symbols.size() - 1));
    }
    ReId text = form.null ? Text("null") : kNothing;
    for (const grammar::StringShape& s : value.strings)
      text = pool_.Or(text, TextWithout(g_, s, {"</parameter>", "</function>", "</tool_call>"}));
    return text;
  }

  ReId Gemma(const std::string& name, const grammar::ObjectShape& shape, const std::string& quote) {
    std::vector<std::string> marks = frame_.end;
    marks.push_back(quote);
    NativeValues values(g_, Spelling::kGemma, Mark(quote), marks);
    const ReId members = MembersInOrder(
        g_, shape, Text(","), [&](const grammar::Member& m) { return pool_.Concat(Text(m.name + ":"), values.Of(m.value)); });
    if (members == kNothing) return kNothing;
    return All({Text("call:" + name + "{"), members, Text("}")});
  }

  ReId Python(const std::string& name, const grammar::ObjectShape& shape) {
    NativeValues values(g_, Spelling::kPython, kNothing, {});
    const ReId members = MembersInOrder(
        g_, shape, Text(", "), [&](const grammar::Member& m) { return pool_.Concat(Text(m.name + "="), values.Of(m.value)); });
    if (members == kNothing) return kNothing;
    return All({Text(name + "("), members, Text(")")});
  }

  // A mark that ends the text (<|call|>) leaves no room for a second call.
  uint32_t MostMore() {
    const bool over = !frame_.end.empty() && Marks(frame_.end) == kEmptyText;
    return rules_.parallel && !over ? kMostCalls - 1 : 0;
  }

  // [TOOL_CALLS] [call, call]
  ReId List(ReId call) {
    const ReId more = pool_.Repeat(pool_.Concat(Text(frame_.separator), call), 0, MostMore());
    ReId list = All({Text(frame_.list_open), call, more, Text(frame_.list_close)});
    if (rules_.syntax == ToolSyntax::kGeneric) list = rules_.parallel && !rules_.behind_mark ? pool_.Or(call, list) : call;
    const ReId blank = rules_.syntax == ToolSyntax::kMistral ? pool_.Optional(Text(" ")) : kEmptyText;
    return All({rules_.behind_mark ? kEmptyText : Marks(frame_.mark), blank, list, Marks(frame_.end)});
  }

  // <tool_call>call</tool_call> once or several times. Behind a mark the one call ends what is held: the next one begins with
  // a mark again.
  ReId Sequence(ReId call) {
    const bool lines = rules_.syntax == ToolSyntax::kHermes || (rules_.syntax == ToolSyntax::kQwenXml && !native_);
    const ReId line = lines ? pool_.Optional(Text("\n")) : kEmptyText;
    const ReId body = All({line, call, line, Marks(frame_.end)});
    if (rules_.behind_mark) {
      const bool recipients = rules_.syntax == ToolSyntax::kFunctionary32;  // the reader is one of those that may follow
      return recipients ? pool_.Or(body, Text("all\n")) : body;
    }
    ReId mark = Marks(frame_.mark), first = mark;
    if (rules_.syntax == ToolSyntax::kFunctionary32) first = kEmptyText;  // its prompt ends with one
    ReId separator = pool_.Optional(Text(frame_.separator));
    if (rules_.syntax == ToolSyntax::kHarmony) separator = pool_.Concat(Mark("<|start|>"), Text("assistant"));
    return All({first, body, pool_.Repeat(All({separator, mark, body}), 0, MostMore())});
  }

  grammar::Grammar& g_;
  grammar::RegexPool& pool_;
  const CallRules& rules_;
  const Tokenizer& tokenizer_;
  const Frame frame_;
  std::vector<Tool> tools_;
  bool native_ = true;
};

}  // namespace

std::string CallMark(ToolSyntax syntax) {
  if (syntax == ToolSyntax::kLlama3 || syntax == ToolSyntax::kGeneric) return "{\"name\":";
  std::string mark;
  for (const std::string& part : FrameOf(syntax).mark) mark += part;
  return mark;
}

std::string MessageMark(ToolSyntax syntax, std::string_view start) {
  if (syntax == ToolSyntax::kFunctionary32 && start == ">>>") return "all\n";
  if (syntax == ToolSyntax::kHarmony && !start.empty() && !start.ends_with("final<|message|>"))
    return "<|channel|>final<|message|>";
  return {};
}

ReId MarkGrammar(grammar::Grammar& g, const std::string& marks, const Tokenizer& tokenizer) {
  ReId all = kEmptyText;
  for (const MarkPart& part : SplitMarks(tokenizer, marks)) {
    if (part.token < 0) {
      all = g.pool.Concat(all, g.pool.Literal(part.text));
    } else if (!tokenizer.EndsGeneration(part.token)) {
      all = g.pool.Concat(all, g.pool.Token(part.token, false));
    }
  }
  return all;
}

Result<ReId> CallGrammar(grammar::Grammar& g, const CallRules& rules, const Tokenizer& tokenizer) {
  return Builder(g, rules, tokenizer).Build();
}

}  // namespace hasten
