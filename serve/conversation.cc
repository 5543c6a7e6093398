#include "serve/conversation.h"

#include <algorithm>
#include <iterator>

#include "chat/call_grammar.h"
#include "text/json.h"

namespace hasten {
namespace {

std::string Member(const Json& object, const char* name) {
  const auto at = object.is_object() ? object.find(name) : object.end();
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// Of a document that is sent as text.
std::optional<std::string> TextOfDocument(const Json& block) {
  if (Member(block, "type") != "document") return std::nullopt;
  const auto source = block.find("source");
  if (source == block.end() || Member(*source, "type") != "text") return std::nullopt;
  return Member(*source, "data");
}

std::string At(const std::string& path, size_t i) { return path + "[" + std::to_string(i) + "]"; }

// What is no call at all is left out.
Json CallsOf(const Json& list) {
  Json calls = Json::array();
  for (const Json& entry : list) {
    if (!entry.is_object()) continue;
    const auto at = entry.find("function");
    const Json& function = at != entry.end() && at->is_object() ? *at : entry;
    const auto arguments = function.find("arguments");
    std::string id = Member(entry, "id");
    if (id.empty()) id = "call_" + std::to_string(calls.size());
    calls.push_back({{"id", std::move(id)},
                     {"type", "function"},
                     {"function",
                      {{"name", Member(function, "name")},
                       {"arguments", arguments == function.end() ? Json::object() : ArgumentsOf(*arguments)}}}});
  }
  return calls;
}

void ReadMessage(const Json& entry, const std::string& path, Conversation& conversation, Reading& reading) {
  Fields fields(entry, path, reading);
  std::string role = fields.RequiredText("role");
  static constexpr const char* kRoles[] = {"system", "developer", "user", "assistant", "tool", "function"};
  if (fields.ok() && std::ranges::find(kRoles, role) == std::end(kRoles))
    fields.Refuse("role", "is '" + role.substr(0, 40) + "' and can be system, developer, user, assistant or tool");
  if (role == "developer") role = "system";
  if (role == "function") role = "tool";
  const OtherParts others = role == "tool" || role == "assistant" ? OtherParts::kTold : OtherParts::kRefused;
  Json message = {{"role", role}, {"content", TextOfContent(fields.Any("content"), path + ".content", reading, others)}};
  for (const char* name : {"reasoning_content", "reasoning", "thinking"}) {
    const Json* text = fields.Any(name);
    if (text && text->is_string()) message["reasoning_content"] = *text;
  }
  for (const char* name : {"name", "tool_call_id"})
    if (const Json* text = fields.Any(name); text && text->is_string()) message[name] = *text;
  if (const Json* name = fields.Any("tool_name"); name && name->is_string()) message["name"] = *name;  // Ollama's word
  if (const Json* calls = fields.Any("tool_calls"); calls && calls->is_array() && !calls->empty())
    message["tool_calls"] = CallsOf(*calls);
  if (const Json* call = fields.Any("function_call"); call && call->is_object() && !message.contains("tool_calls"))
    message["tool_calls"] = CallsOf(Json::array({*call}));  // as there was before tools
  if (const Json* images = fields.Any("images"); images && !images->empty())
    fields.Refuse("images", "cannot be used: the model reads text only");
  fields.Accept({"refusal", "audio", "annotations", "thinking_signature"});
  conversation.messages.push_back(std::move(message));
}

}  // namespace

Json ArgumentsOf(const Json& arguments) {
  if (!arguments.is_string()) return arguments.is_object() ? arguments : Json::object();
  auto parsed = ParseJson(arguments.get_ref<const std::string&>());
  if (parsed && parsed->is_object()) return *std::move(parsed);
  return arguments;
}

// The text of a part; nothing where it is something else. A part that does not say what it is, is what it holds.
static std::optional<std::string> TextOfPart(const Json& part) {
  if (part.is_string()) return part.get<std::string>();
  const std::string type = Member(part, "type");
  const auto text = part.is_object() ? part.find("text") : part.end();
  if (type == "thinking" || type == "redacted_thinking") return "";
  if (type == "refusal") return Member(part, "refusal");
  if (type == "text" || type == "input_text" || type == "output_text") return Member(part, "text");
  if (type.empty() && text != part.end() && text->is_string()) return text->get<std::string>();
  return TextOfDocument(part);
}

// "image" for what the dialects call image, image_url, input_image; without a type by the member that there is.
static std::string NameOfPart(const Json& part) {
  std::string name = Member(part, "type");
  if (name.empty() && part.is_object() && !part.empty()) name = part.begin().key();
  for (const char* common : {"image", "audio", "video", "file"})
    if (name.find(common) != std::string::npos) return common;
  return name.empty() ? "part" : name.substr(0, 40);
}

std::string TextOfContent(const Json* content, const std::string& path, Reading& reading, OtherParts others) {
  if (!content) return {};
  if (content->is_string()) return content->get<std::string>();
  if (!content->is_array()) {
    if (others == OtherParts::kTold) return content->dump(-1, ' ', false, Json::error_handler_t::replace);
    reading.Refuse(path, path + " has to be a text or a list of parts and is " + content->type_name());
    return {};
  }
  std::string all;
  for (size_t i = 0; i < content->size(); ++i) {
    const Json& part = (*content)[i];
    if (const auto text = TextOfPart(part)) {
      all += *text;
    } else if (others == OtherParts::kTold) {
      all += "[" + NameOfPart(part) + " omitted: this model reads text only]";
    } else {
      reading.Refuse(At(path, i) + ".type",
                     At(path, i) + ".type is '" + Member(part, "type").substr(0, 40) + "', and the model reads text only");
    }
  }
  return all;
}

void ReadTools(Fields& fields, Conversation& conversation) {
  const Json* tools = fields.Array("tools");
  for (size_t i = 0; tools && i < tools->size(); ++i) {
    const std::string path = At("tools", i);
    const Json& tool = (*tools)[i];
    if (!tool.is_object()) return fields.reading().Refuse(path, path + " has to be an object and is " + tool.type_name());
    const auto function = tool.find("function");
    // Flat, as /v1/responses has them, or below "function".
    const Json& described = function != tool.end() && function->is_object() ? *function : tool;
    const std::string inner = &described == &tool ? path : path + ".function";
    const std::string name = Member(described, "name"), type = Member(tool, "type");
    if (name.empty() && !type.empty() && type != "function") {  // what others run on their own machines
      fields.reading().unknown.push_back(path + " of type " + type.substr(0, 40));
      continue;
    }
    if (name.empty()) return fields.reading().Refuse(inner + ".name", inner + ".name is missing and has to be a text");
    const auto parameters = described.find("parameters");
    conversation.tools.push_back(
        {{"type", "function"},
         {"function",
          {{"name", name},
           {"description", Member(described, "description")},
           {"parameters", parameters != described.end() && parameters->is_object() ? *parameters : Json::object()}}}});
  }
}

// A budget of tokens; absent, null and below 0 (llama-server's "no limit") set none.
static void ReadBudget(Fields& fields, const char* name, Conversation& conversation) {
  const int64_t tokens = fields.Integer(name, -1, -1, int64_t(1) << 40);
  if (tokens >= 0) conversation.thinking_tokens = size_t(tokens);
}

void ReadThinking(Fields& fields, Conversation& conversation) {
  std::string effort = fields.Text("reasoning_effort");
  if (const Json* reasoning = fields.Object("reasoning")) {
    Fields inner(*reasoning, fields.PathOf("reasoning"), fields.reading());
    effort = inner.Text("effort", effort);
    ReadBudget(inner, "max_tokens", conversation);
    inner.Accept({"summary", "generate_summary", "exclude", "enabled"});
  }
  for (const char* name : {"reasoning_budget", "thinking_budget", "thinking_budget_tokens", "thinking_token_budget"})
    ReadBudget(fields, name, conversation);
  static constexpr const char* kEfforts[] = {"none", "minimal", "low", "medium", "high", "xhigh", "max"};
  if (effort.empty()) return;
  if (std::ranges::find(kEfforts, effort) == std::end(kEfforts)) {
    fields.Refuse(fields.Has("reasoning") ? "reasoning.effort" : "reasoning_effort",
                  "is '" + effort.substr(0, 40) + "' and can be none, minimal, low, medium, high, xhigh or max");
  }
  conversation.variables["reasoning_effort"] = effort;
  if (effort == "none") conversation.variables["enable_thinking"] = false;
}

void ReadConversation(Fields& fields, Conversation& conversation) {
  const Json* messages = fields.Array("messages");
  if (!messages || messages->empty()) fields.Refuse("messages", "has to be a list of at least one message");
  for (size_t i = 0; messages && i < messages->size() && fields.ok(); ++i)
    ReadMessage((*messages)[i], At("messages", i), conversation, fields.reading());
  ReadTools(fields, conversation);
  if (const Json* more = fields.Object("chat_template_kwargs")) conversation.variables.update(*more);
  ReadThinking(fields, conversation);
  conversation.continues = fields.Flag("continue_final_message", false);
}

// ------------------------------------------------------------------------------------------------------ Anthropic

// A message's blocks: text and thinking, calls of tools, and results, each of which is a message of its own in templates.
static void ReadBlocks(const Json& blocks, const std::string& path, const std::string& role, Conversation& conversation,
                       Reading& reading) {
  Json message = {{"role", role}, {"content", ""}};
  std::string text, thinking;
  Json calls = Json::array();
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Json& block = blocks[i];
    if (!block.is_object()) {
      if (block.is_string()) text += block.get<std::string>();
      continue;
    }
    const std::string type = Member(block, "type"), here = At(path, i);
    if (type == "text") {
      text += Member(block, "text");
    } else if (type == "thinking") {
      thinking += Member(block, "thinking");
    } else if (type == "tool_use") {
      const auto input = block.find("input");
      calls.push_back(
          {{"id", Member(block, "id")},
           {"type", "function"},
           {"function",
            {{"name", Member(block, "name")}, {"arguments", input == block.end() ? Json::object() : ArgumentsOf(*input)}}}});
    } else if (type == "tool_result") {
      const auto content = block.find("content");
      const bool given = content != block.end() && !content->is_null();
      conversation.messages.push_back(
          {{"role", "tool"},
           {"content", TextOfContent(given ? &*content : nullptr, here + ".content", reading, OtherParts::kTold)},
           {"tool_call_id", Member(block, "tool_use_id")}});
    } else if (const auto document = TextOfDocument(block)) {
      text += *document;
    } else if (type == "image" || type == "document") {
      return reading.Refuse(here + ".type", here + ".type is '" + type.substr(0, 40) + "', and the model reads text only");
    } else if (type != "redacted_thinking") {
      reading.unknown.push_back(here + " of type " + type.substr(0, 40));
    }
  }
  const bool only_results = text.empty() && calls.empty() && thinking.empty() && !blocks.empty();
  if (only_results && role == "user") return;
  message["content"] = text;
  if (!thinking.empty()) message["reasoning_content"] = thinking;
  if (!calls.empty()) message["tool_calls"] = calls;
  conversation.messages.push_back(std::move(message));
}

void ReadAnthropicConversation(Fields& fields, Conversation& conversation) {
  const std::string system = TextOfContent(fields.Any("system"), "system", fields.reading());
  if (!system.empty()) conversation.messages.push_back({{"role", "system"}, {"content", system}});
  const Json* messages = fields.Array("messages");
  if (!messages || messages->empty()) fields.Refuse("messages", "has to be a list of at least one message");
  for (size_t i = 0; messages && i < messages->size() && fields.ok(); ++i) {
    const std::string path = At("messages", i);
    Fields message((*messages)[i], path, fields.reading());
    const std::string role = message.RequiredText("role");
    if (fields.ok() && role != "user" && role != "assistant" && role != "system")
      message.Refuse("role", "is '" + role.substr(0, 40) + "' and can be user or assistant");
    const Json* content = message.Any("content");
    if (content && content->is_array()) {
      ReadBlocks(*content, path + ".content", role, conversation, fields.reading());
    } else {
      conversation.messages.push_back(
          {{"role", role}, {"content", TextOfContent(content, path + ".content", fields.reading())}});
    }
  }
  conversation.continues = !conversation.messages.empty() && conversation.messages.back()["role"] == "assistant";
  const Json* tools = fields.Array("tools");
  for (size_t i = 0; tools && i < tools->size(); ++i) {
    const std::string path = At("tools", i), name = Member((*tools)[i], "name"), type = Member((*tools)[i], "type");
    if (!type.empty() && type != "custom") {  // what Anthropic runs on its own machines
      fields.reading().unknown.push_back(path + " of type " + type.substr(0, 40));
      continue;
    }
    if (name.empty()) return fields.reading().Refuse(path + ".name", path + ".name is missing and has to be a text");
    const auto schema = (*tools)[i].find("input_schema");
    conversation.tools.push_back(
        {{"type", "function"},
         {"function",
          {{"name", name},
           {"description", Member((*tools)[i], "description")},
           {"parameters", schema != (*tools)[i].end() && schema->is_object() ? *schema : Json::object()}}}});
  }
  if (const Json* thinking = fields.Object("thinking")) {
    Fields inner(*thinking, "thinking", fields.reading());
    const std::string type = inner.RequiredText("type");
    inner.Accept({"display"});
    if (fields.ok() && type != "enabled" && type != "disabled" && type != "adaptive")
      inner.Refuse("type", "is '" + type.substr(0, 40) + "' and can be enabled, disabled or adaptive");
    ReadBudget(inner, "budget_tokens", conversation);
    conversation.variables["enable_thinking"] = type != "disabled";
    if (type == "disabled") conversation.thinking_tokens = 0;
  }
}

Result<ChatTokens> RenderChat(const Conversation& conversation, const Worker& worker) {
  ChatRequest request = {.messages = conversation.messages, .tools = nullptr, .variables = conversation.variables, .now = {}};
  if (!conversation.tools.empty()) request.tools = conversation.tools;
  std::string beginning;
  if (conversation.continues && request.messages.back()["role"] == "assistant") {
    beginning = request.messages.back()["content"].get<std::string>();
    request.messages.erase(request.messages.size() - 1);
  }
  TRY(ChatPrompt prompt, worker.chat().Render(request));
  // Where each message begins with whom it is for, one that is begun, or that nothing else may be, is for the reader.
  const ToolSyntax syntax = worker.chat().syntax();
  if (!beginning.empty() || (syntax == ToolSyntax::kFunctionary32 && conversation.tools.empty())) {
    const std::string mark = MessageMark(syntax, prompt.start);
    prompt.text += mark;
    prompt.start += mark;
  }
  ChatTokens chat = {.text = prompt.text + beginning, .tokens = {}, .start = beginning.empty() ? prompt.start : ""};
  const ThoughtMarks* open = OpenThought(chat.text);
  chat.thought = open ? open : worker.chat().thoughts();
  chat.inside_thought = open != nullptr;
  const std::string_view text = std::string_view(chat.text).substr(0, chat.text.find_last_not_of(" \n\r\t") + 1);
  chat.thought_closed = !beginning.empty() || (chat.thought && text.ends_with(chat.thought->close));
  chat.tokens = worker.tokenizer().Encode(chat.text, {.add_special = true, .parse_special = true});
  return chat;
}

}  // namespace hasten
