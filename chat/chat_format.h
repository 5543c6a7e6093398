// How one model talks: the template of its prompts, and the syntax in which it calls tools.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "chat/history.h"
#include "chat/thought_marks.h"
#include "chat/tool_syntax.h"
#include "formats/gguf.h"
#include "text/jinja/jinja.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

struct ChatRequest {
  nlohmann::ordered_json messages;   // OpenAI's: role, content (text or parts), tool_calls, tool_call_id, reasoning_content
  nlohmann::ordered_json tools;      // OpenAI's list of {"type": "function", "function": {…}}; null where there are none
  nlohmann::ordered_json variables;  // what else the template may read: enable_thinking, reasoning_effort, documents…
  bool add_generation_prompt = true;
  std::optional<jinja::Moment> now;  // for strftime_now; else the clock
};

struct ChatPrompt {
  std::string text;    // to be encoded with parse_special, and with add_special: a BOS that the template wrote is left out
  std::string start;   // the end of `text` that belongs to the answer, such as "<think>": goes to ChatParserOptions
  std::string repair;  // what had to be changed for the template to take it; empty: nothing
};

struct ChatFormatSource {
  std::string chat;      // the template; empty: ChatML, which most models without one understand
  std::string tool_use;  // another one for when there are tools; empty: the same
  std::string bos, eos;  // as the vocabulary writes them
  bool adds_bos = true;  // the tokenizer puts one in front, so the template's own is dropped
};

// Shared by threads.
class ChatFormat {
 public:
  static Result<ChatFormat> Load(const Gguf& file, const Tokenizer& tokenizer);
  static Result<ChatFormat> Create(ChatFormatSource source);  // kCorrupt: the template does not parse

  // History is normalised (chat/history.h). A template that refuses it is given simpler forms until it takes one; in the end
  // that is ChatML. kExhausted where the template runs out of its limits.
  Result<ChatPrompt> Render(const ChatRequest& request) const;

  ToolSyntax syntax() const { return syntax_; }
  const ThoughtMarks* thoughts() const;                       // that the template writes; nullptr where it knows of none
  bool takes_tools() const;                                   // the template writes tools into the prompt
  bool Mentions(std::string_view variable) const;             // "enable_thinking", …
  const std::string& source() const { return source_.chat; }  // for those who want to see it; empty: ChatML

 private:
  ChatFormat() = default;
  nlohmann::ordered_json Messages(const ChatRequest& request, const nlohmann::ordered_json& tools,
                                  const HistoryStyle& style) const;
  ChatFormatSource source_;
  std::optional<jinja::Template> chat_, tool_use_;
  ToolSyntax syntax_ = ToolSyntax::kGeneric;
};

}  // namespace hasten
