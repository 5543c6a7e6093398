#include "serve/constrain.h"

#include <cctype>
#include <utility>

#include "chat/tool_syntax.h"

namespace hasten {

static void Constrain(ConstraintSpec spec, const std::string& path, Worker& worker, Job& job, Reading& reading) {
  auto compiled = Constraint::Compile(worker.vocab(), spec);
  if (!compiled) return reading.Refuse(path, path + ": " + compiled.error().what);
  job.text.constraint = *std::move(compiled);
}

void ConstrainToSchema(const Json& schema, const std::string& path, Worker& worker, Job& job, Reading& reading) {
  Constrain({.parts = {{ConstraintKind::kSchema, schema.dump()}}}, path, worker, job, reading);
}

void ReadConstraint(Fields& fields, Worker& worker, Job& job) {
  Reading& reading = fields.reading();
  size_t given = 0;
  if (const Json* format = fields.Object("response_format")) {
    Fields inner(*format, fields.PathOf("response_format"), reading);
    const std::string type = inner.RequiredText("type");
    if (type == "json_object") {
      ++given;
      ConstrainToSchema({{"type", "object"}}, inner.PathOf("type"), worker, job, reading);
    } else if (type == "json_schema") {
      ++given;
      const Json* described = inner.Object("json_schema");
      Fields more(described ? *described : *format, inner.PathOf("json_schema"), reading);
      more.Accept({"name", "strict", "description", "type"});
      const Json* schema = more.Any("schema");
      if (!schema) {
        more.Refuse("schema", "is missing");
      } else {
        ConstrainToSchema(*schema, more.PathOf("schema"), worker, job, reading);
      }
    } else if (type != "text" && fields.ok()) {
      inner.Refuse("type", "is '" + type.substr(0, 40) + "' and can be text, json_object or json_schema");
    }
  }
  const std::pair<const char*, ConstraintKind> kTexts[] = {{"grammar", ConstraintKind::kGrammar},
                                                           {"regex", ConstraintKind::kRegex}};
  for (const auto& [name, kind] : kTexts) {
    const std::string text = fields.Text(name);
    if (text.empty()) continue;
    if (++given > 1) return fields.Refuse(name, "cannot stand beside another constraint");
    Constrain({.parts = {{kind, text}}}, fields.PathOf(name), worker, job, reading);
  }
}

ToolChoice ReadToolChoice(Fields& fields) {
  const Json* choice = fields.Any("tool_choice");
  if (!choice) return {};
  const auto text = [&](const Json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  std::string kind = choice->is_string() ? choice->get<std::string>() : choice->is_object() ? text(*choice, "type") : "";
  using enum ToolChoice::Kind;
  if (kind == "none") return {kNone};
  if (kind == "auto") return {kAuto};
  if (kind == "required" || kind == "any") return {kRequired};
  if (kind == "function" || kind == "tool") {
    const auto function = choice->find("function");
    const std::string name = text(function != choice->end() && function->is_object() ? *function : *choice, "name");
    if (!name.empty()) return {kNamed, name};
    fields.Refuse("tool_choice.name", "is missing");
  } else {
    fields.Refuse("tool_choice", "can be none, auto, required or the name of a function");
  }
  return {};
}

namespace {

// A regular expression of exactly this text; white space at its front may be any.
std::string Literal(const std::string& text) {
  std::string regex;
  for (const char c : text) {
    if (c == '\n') {
      regex += "\\n";
    } else {
      if (c >= 0x20 && c < 0x7f && !std::isalnum(uint8_t(c)) && c != ' ' && c != '_' && c != '"' && c != '<' && c != '>' &&
          c != '=' && c != ':' && c != ',')
        regex += '\\';
      regex += c;
    }
  }
  return regex;
}

// How a call is written around a JSON object that holds its name and arguments; most syntaxes do.
struct ObjectCall {
  std::string before, key, after;
};
std::optional<ObjectCall> ObjectCallOf(const CallPattern& pattern) {
  const size_t object = pattern.begin.find("{\"name\": ");
  const size_t key = pattern.begin.rfind(", \"");
  if (object == std::string::npos || key == std::string::npos || !pattern.end.starts_with("}")) return std::nullopt;
  const std::string name = pattern.begin.substr(key + 3);
  return ObjectCall{pattern.begin.substr(0, object), name.substr(0, name.find('"')), pattern.end.substr(1)};
}

// {"name": one of the tools', KEY: what its schema allows}
std::string CallSchema(const std::vector<CallPattern>& calls, const std::string& key) {
  Json list = Json::array();
  for (const CallPattern& call : calls) {
    list.push_back({{"type", "object"},
                    {"properties", {{"name", {{"const", call.name}}}, {key, call.schema}}},
                    {"required", {"name", key}},
                    {"additionalProperties", false}});
  }
  return (list.size() == 1 ? list[0] : Json{{"anyOf", std::move(list)}}).dump();
}

// The parts of a call behind `trigger`, which is the beginning of each pattern or empty. Nothing where the tools cannot be
// told apart there.
std::vector<ConstraintPart> CallParts(const std::vector<CallPattern>& calls, const std::string& trigger) {
  if (const auto object = ObjectCallOf(calls[0]); object && object->before.starts_with(trigger)) {
    std::string before = Literal(object->before.substr(trigger.size()));
    if (before == "\\n") before = "\\n?";  // some put the object behind the mark at once
    return {{ConstraintKind::kRegex, before},
            {ConstraintKind::kSchema, CallSchema(calls, object->key)},
            {ConstraintKind::kRegex, Literal(object->after)}};
  }
  if (calls.size() > 1 || !calls[0].begin.starts_with(trigger)) return {};
  return {{ConstraintKind::kRegex, Literal(calls[0].begin.substr(trigger.size()))},
          {ConstraintKind::kSchema, calls[0].schema.dump()},
          {ConstraintKind::kRegex, Literal(calls[0].end)}};
}

}  // namespace

void ConstrainCalls(const Conversation& conversation, const ToolChoice& choice, Worker& worker, Job& job, Reading& reading) {
  using enum ToolChoice::Kind;
  if (choice.kind == kNone || (conversation.tools.empty() && choice.kind == kAuto)) return;
  CallPatterns patterns = PatternsOf(worker.chat().syntax(), conversation.tools);
  const bool always = choice.kind != kAuto;
  if (choice.kind == kNamed) std::erase_if(patterns.calls, [&](const CallPattern& c) { return c.name != choice.name; });
  if (always && (patterns.calls.empty() || CallParts(patterns.calls, "").empty())) {
    // A call that must be is written in a way that can be held; the parser of answers knows them all.
    patterns = PatternsOf(ToolSyntax::kHermes, conversation.tools);
    if (choice.kind == kNamed) std::erase_if(patterns.calls, [&](const CallPattern& c) { return c.name != choice.name; });
  }
  if (patterns.calls.empty()) {
    if (always) reading.Refuse("tool_choice", "tool_choice asks for a tool that is not among the tools");
    return;
  }
  ConstraintSpec spec;
  spec.parts = CallParts(patterns.calls, always ? "" : patterns.trigger);
  if (spec.parts.empty()) return;
  std::erase_if(spec.parts, [](const ConstraintPart& p) { return p.kind == ConstraintKind::kRegex && p.text.empty(); });
  auto compiled = Constraint::Compile(worker.vocab(), spec);
  if (!compiled) {
    // A tool whose schema cannot be held is called without: its calls are still taken apart.
    if (always) reading.Refuse("tools", "tools: " + compiled.error().what);
    return;
  }
  job.text.constraint = *std::move(compiled);
  if (!always) job.text.constraint_begins = patterns.trigger;
}

}  // namespace hasten
