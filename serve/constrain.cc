#include "serve/constrain.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "chat/call_grammar.h"

namespace hasten {

void WantSchema(const Json& schema, const std::string& path, Wanted& wanted) {
  wanted = {.parts = {{.kind = ConstraintKind::kSchema, .text = schema.dump(-1, ' ', false, Json::error_handler_t::replace)}},
            .path = path};
}

bool ReadFormat(const Json& format, const std::string& path, Wanted& wanted, Reading& reading) {
  Fields inner(format, path, reading);
  const std::string type = inner.RequiredText("type");
  if (type == "json_object") {
    WantSchema({{"type", "object"}}, inner.PathOf("type"), wanted);
    return true;
  }
  if (type == "json_schema") {
    const Json* described = inner.Object("json_schema");  // chat's; /v1/responses has no such level
    std::optional<Fields> below;
    if (described) below.emplace(*described, inner.PathOf("json_schema"), reading);
    Fields& more = below ? *below : inner;
    more.Accept({"name", "strict", "description"});
    if (const Json* schema = more.Any("schema")) {
      WantSchema(*schema, more.PathOf("schema"), wanted);
    } else {
      more.Refuse("schema", "is missing");
    }
    return true;
  }
  if (type != "text" && inner.ok())
    inner.Refuse("type", "is '" + type.substr(0, 40) + "' and can be text, json_object or json_schema");
  return false;
}

void ReadConstraint(Fields& fields, Wanted& wanted) {
  size_t given = 0;
  if (const Json* format = fields.Object("response_format"))
    given += ReadFormat(*format, fields.PathOf("response_format"), wanted, fields.reading());
  const std::pair<const char*, ConstraintKind> kTexts[] = {{"grammar", ConstraintKind::kGrammar},
                                                           {"regex", ConstraintKind::kRegex}};
  for (const auto& [name, kind] : kTexts) {
    const std::string text = fields.Text(name);
    if (text.empty()) continue;
    if (++given > 1) return fields.Refuse(name, "cannot stand beside another constraint");
    wanted = {.parts = {{.kind = kind, .text = text}}, .path = fields.PathOf(name)};
  }
}

// ------------------------------------------------------------------------------------------------------ tool_choice

static std::string Member(const Json& object, const char* name) {
  const auto at = object.is_object() ? object.find(name) : object.end();
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// {"function": {"name"}}, {"name"}
static std::string NameOfTool(const Json& tool) {
  const auto function = tool.is_object() ? tool.find("function") : tool.end();
  return Member(function != tool.end() && function->is_object() ? *function : tool, "name");
}

ToolChoice ReadToolChoice(Fields& fields) {
  using enum ToolChoice::Kind;
  ToolChoice read;
  read.parallel = fields.Flag("parallel_tool_calls", true);
  const Json* choice = fields.Any("tool_choice");
  if (!choice) return read;
  std::string kind = choice->is_string() ? choice->get<std::string>() : Member(*choice, "type");
  if (choice->is_object()) {
    const auto single = choice->find("disable_parallel_tool_use");
    if (single != choice->end() && *single == true) read.parallel = false;
  }
  if (kind == "allowed_tools") {  // chat has its members one level below, /v1/responses has not
    const auto below = choice->find("allowed_tools");
    const Json& allowed = below != choice->end() && below->is_object() ? *below : *choice;
    const auto tools = allowed.find("tools");
    for (size_t i = 0; tools != allowed.end() && tools->is_array() && i < tools->size(); ++i)
      read.names.push_back(NameOfTool((*tools)[i]));
    if (read.names.empty()) fields.Refuse("tool_choice.tools", "has to be a list of tools");
    kind = Member(allowed, "mode");
    if (kind.empty()) kind = "auto";
  }
  if (kind == "none") {
    read.kind = kNone;
  } else if (kind == "auto") {
    read.kind = kAuto;
  } else if (kind == "required" || kind == "any") {
    read.kind = kRequired;
  } else if (kind == "function" || kind == "tool") {
    read = {.kind = kRequired, .names = {NameOfTool(*choice)}, .parallel = false};
    if (read.names[0].empty()) fields.Refuse("tool_choice.name", "is missing");
  } else {
    fields.Refuse("tool_choice", "can be none, auto, required or the name of a function");
  }
  return read;
}

// ------------------------------------------------------------------------------------------------------ compiled

// What the request asks for, else what the server was started with.
static const std::vector<ConstraintPart>& PartsOr(const Wanted& wanted, const Worker& worker) {
  return wanted.parts.empty() ? worker.otherwise() : wanted.parts;
}

void Constrain(const Wanted& wanted, Worker& worker, Job& job, Reading& reading) {
  const std::vector<ConstraintPart>& parts = PartsOr(wanted, worker);
  if (parts.empty() || reading.refusal) return;
  auto compiled = Constraint::Compile(worker.vocab(), {.parts = parts});
  if (!compiled) return reading.Refuse(wanted.path, wanted.path + ": " + compiled.error().what);
  job.text.constraint = *std::move(compiled);
}

namespace {

// What ends a thought that another text follows; gpt-oss's are messages of their own.
std::string EndOfThought(const ThoughtMarks& thought) {
  return std::string(thought.close) + (thought.close == "<|end|>" ? "<|start|>assistant" : "");
}

// What may stand before a text that is held to something: the thought that the prompt began, or one that the model begins.
std::vector<ConstraintPart> ThoughtFirst(const ChatTokens& chat) {
  if (!chat.thought || chat.thought_closed) return {};
  ConstraintPart part = {.kind = ConstraintKind::kThought, .text = EndOfThought(*chat.thought)};
  part.optional = !chat.inside_thought;
  if (part.optional) part.begin = chat.thought->open;
  return {part};
}

ConstraintPart Calls(const CallRules& rules, Worker& worker) {
  return {.kind = ConstraintKind::kBuilt,
          .build = [rules, &worker](grammar::Grammar& g) { return CallGrammar(g, rules, worker.tokenizer()); }};
}

// The text for the reader that is held to something, with what its family writes before it.
std::vector<ConstraintPart> Message(std::vector<ConstraintPart> parts, const ChatTokens& chat, Worker& worker) {
  const std::string mark = MessageMark(worker.chat().syntax(), chat.start);
  if (mark.empty()) return parts;
  parts.insert(parts.begin(),
               {.kind = ConstraintKind::kBuilt, .build = [mark, &worker](grammar::Grammar& g) -> Result<grammar::ReId> {
                  return MarkGrammar(g, mark, worker.tokenizer());
                }});
  return parts;
}

Json ToolsThatMayBe(const Conversation& conversation, const ToolChoice& choice) {
  if (choice.names.empty()) return conversation.tools;
  Json tools = Json::array();
  for (const Json& tool : conversation.tools)
    if (std::ranges::find(choice.names, NameOfTool(tool)) != choice.names.end()) tools.push_back(tool);
  return tools;
}

// Effort for models whose template knows nothing of it: tokens that they may think.
std::optional<size_t> BudgetOf(const Conversation& conversation, const Worker& worker) {
  if (conversation.thinking_tokens) return conversation.thinking_tokens;
  const auto effort = conversation.variables.find("reasoning_effort");
  if (effort == conversation.variables.end() || !effort->is_string() || worker.chat().Mentions("reasoning_effort")) return {};
  static constexpr std::pair<const char*, size_t> kBudgets[] = {{"none", 0}, {"minimal", 256}, {"low", 1024}, {"medium", 4096}};
  for (const auto& [name, tokens] : kBudgets)
    if (*effort == name) return tokens;
  return {};
}

}  // namespace

void ConstrainChat(const Wanted& wanted, const ToolChoice& choice, const Conversation& conversation, const ChatTokens& chat,
                   Worker& worker, Job& job, Reading& reading) {
  using enum ToolChoice::Kind;
  if (reading.refusal) return;
  const std::vector<ConstraintPart>& parts = PartsOr(wanted, worker);
  if (chat.thought) {
    job.text.thought = ThoughtOptions{.open = std::string(chat.thought->open),
                                      .close = std::string(chat.thought->close),
                                      .cut = std::string(chat.thought->cut),
                                      .inside = chat.inside_thought,
                                      .most_tokens = BudgetOf(conversation, worker)};
  }
  const Json tools = choice.kind == kNone ? Json::array() : ToolsThatMayBe(conversation, choice);
  const bool required = choice.kind == kRequired;
  if (required && tools.empty())
    return reading.Refuse("tool_choice", "tool_choice asks for a tool that is not among the tools");
  CallRules rules = {.syntax = worker.chat().syntax(), .tools = tools, .parallel = choice.parallel};
  ConstraintSpec spec = {.parts = ThoughtFirst(chat)};
  std::string path = wanted.path;
  if (required) {
    spec.parts.push_back(Calls(rules, worker));
    path = "tools";
  } else if (!parts.empty()) {
    ConstraintPart either = {.kind = ConstraintKind::kEither, .either = {Message(parts, chat, worker)}};
    if (!tools.empty()) either.either.push_back({Calls(rules, worker)});
    spec.parts.push_back(std::move(either));
  } else if (!tools.empty()) {
    rules.behind_mark = true;
    spec.parts = {Calls(rules, worker)};
  } else {
    return;
  }
  auto compiled = Constraint::Compile(worker.vocab(), spec);
  if (!compiled && !parts.empty() && !required && !tools.empty()) {
    // A tool whose schema cannot be held is left out where something else is wanted.
    spec.parts.back().either.resize(1);
    compiled = Constraint::Compile(worker.vocab(), spec);
  }
  const bool free = !required && parts.empty();
  // A tool whose schema cannot be held is called without: its calls are still taken apart.
  if (!compiled && free) return;
  if (!compiled) return reading.Refuse(path, path + ": " + compiled.error().what);
  job.text.constraint = *std::move(compiled);
  if (!free && job.text.thought && job.text.thought->close == "<|end|>") job.text.thought->cut = EndOfThought(*chat.thought);
  if (!free) return;
  job.text.constraint_begins = CallMark(rules.syntax);
  job.text.constraint_before = chat.start;
  job.text.constraint_ends = !choice.parallel;
}

}  // namespace hasten
