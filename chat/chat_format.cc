#include "chat/chat_format.h"

#include <algorithm>

#include "chat/history.h"
#include "chat/thought_marks.h"

namespace hasten {
namespace {

// The form that most small models were trained on, for files that bring none.
constexpr std::string_view kChatMl =
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

// What opens at the end of a prompt and closes in the answer.
std::string StartOf(std::string_view prompt) {
  const size_t end = prompt.find_last_not_of(" \n\r\t") + 1;  // 0 where there is nothing else
  const ThoughtMarks* marks = OpenThought(prompt);
  const std::string_view open = marks ? marks->open : ">>>";
  const size_t harmony = prompt.rfind("<|start|>assistant");
  if (harmony != prompt.npos && prompt.find("<|end|>", harmony) == prompt.npos) return std::string(prompt.substr(harmony));
  if (prompt.substr(0, end).ends_with(open)) return std::string(prompt.substr(end - open.size()));
  return {};
}

// For models whose template knows nothing of tools: what a call is, in words.
nlohmann::ordered_json WithToolsInWords(const nlohmann::ordered_json& messages, const nlohmann::ordered_json& tools) {
  std::string words = "You can call these functions:\n";
  for (const auto& tool : tools)
    words += tool["function"].dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  words +=
      "To call one, answer with nothing but a JSON object: {\"name\": \"the function's name\", \"arguments\": {…}}. To call "
      "several, answer with a list of them.";
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  out.push_back({{"role", "system"}, {"content", words}});
  for (const auto& message : messages) {
    if (out.size() == 1 && message["role"] == "system") {
      out[0]["content"] = message["content"].get<std::string>() + "\n\n" + words;
    } else {
      out.push_back(message);
    }
  }
  return out;
}

std::string TokenText(const Tokenizer& tokenizer, Token token) {
  return token >= 0 ? std::string(tokenizer.Text(token)) : std::string();
}

}  // namespace

Result<ChatFormat> ChatFormat::Create(ChatFormatSource source) {
  ChatFormat format;
  TRY(format.chat_, jinja::Template::Parse(source.chat.empty() ? kChatMl : source.chat));
  if (!source.tool_use.empty()) {
    TRY(format.tool_use_, jinja::Template::Parse(source.tool_use));
  }
  format.syntax_ = SyntaxOfTemplate(source.tool_use.empty() ? source.chat : source.tool_use);
  format.source_ = std::move(source);
  return format;
}

Result<ChatFormat> ChatFormat::Load(const Gguf& file, const Tokenizer& tokenizer) {
  ChatFormatSource source;
  TRY(const std::string_view chat, file.GetString("tokenizer.chat_template", ""));
  TRY(const std::string_view tool_use, file.GetString("tokenizer.chat_template.tool_use", ""));
  source.chat = chat;
  source.tool_use = tool_use;
  source.bos = TokenText(tokenizer, tokenizer.bos());
  source.eos = TokenText(tokenizer, tokenizer.eos());
  source.adds_bos = tokenizer.adds_bos();
  return Create(std::move(source));
}

const ThoughtMarks* ChatFormat::thoughts() const { return ThoughtsOfTemplate(source_.chat); }

bool ChatFormat::takes_tools() const { return tool_use_ || chat_->Mentions("tools"); }

bool ChatFormat::Mentions(std::string_view variable) const {
  return chat_->Mentions(variable) || (tool_use_ && tool_use_->Mentions(variable));
}

nlohmann::ordered_json ChatFormat::Messages(const ChatRequest& request, const nlohmann::ordered_json& tools,
                                            const HistoryStyle& style) const {
  HistoryStyle first = style;
  first.alternate = false;
  auto messages = NormalisedMessages(request.messages, first);
  if (!tools.is_null() && !takes_tools()) messages = WithToolsInWords(messages, tools);
  return style.alternate ? NormalisedMessages(messages, style) : messages;
}

Result<ChatPrompt> ChatFormat::Render(const ChatRequest& request) const {
  const nlohmann::ordered_json tools = NormalisedTools(request.tools);
  const bool with_tools = !tools.is_null();
  const jinja::Template& chat = with_tools && tool_use_ ? *tool_use_ : *chat_;
  const std::string& text = with_tools && tool_use_ ? source_.tool_use : source_.chat;
  const auto says = [&](std::string_view what) { return text.find(what) != text.npos; };
  HistoryStyle style{.short_ids = says("length != 9") || says("length == 9") || says("length < 9"),
                     .developer_role = says("'developer'") || says("\"developer\"")};
  nlohmann::ordered_json variables = request.variables.is_object() ? request.variables : nlohmann::ordered_json::object();
  variables["add_generation_prompt"] = request.add_generation_prompt;
  variables["bos_token"] = source_.bos;
  variables["eos_token"] = source_.eos;
  if (with_tools) variables["tools"] = tools;
  jinja::RenderOptions options;
  options.now = request.now;
  options.mutation = true;

  static constexpr struct {
    bool string_arguments, alternate;
    const char* repair;
  } kAttempts[] = {{false, false, ""},
                   {true, false, "arguments of calls as text"},
                   {false, true, "the system message into the first user message, one message a turn"}};
  for (const auto& attempt : kAttempts) {
    style.string_arguments = attempt.string_arguments;
    style.alternate = attempt.alternate;
    variables["messages"] = Messages(request, tools, style);
    auto rendering = chat.Render(variables, options);
    if (!rendering && rendering.error().code == Code::kExhausted) return rendering.error();
    if (!rendering || rendering->refusal) continue;
    ChatPrompt prompt{std::move(rendering->text), "", attempt.repair};
    if (source_.adds_bos && !source_.bos.empty() && prompt.text.starts_with(source_.bos))
      prompt.text.erase(0, source_.bos.size());
    if (request.add_generation_prompt) prompt.start = StartOf(prompt.text);
    return prompt;
  }
  TRY(const auto plain, jinja::Template::Parse(kChatMl));
  style = {.alternate = true};
  variables["messages"] = Messages(request, tools, style);
  TRY(auto rendering, plain.Render(variables, options));
  return ChatPrompt{std::move(rendering.text), "", "the template refuses this conversation: ChatML instead"};
}

}  // namespace hasten
