// A conversation as chat templates want it, whatever dialect it came in. History is taken as it is: a call that was cut off, an
// id that is missing or a result nobody asked for is no reason to refuse what comes next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "serve/fields.h"
#include "serve/worker.h"

namespace hasten {

struct Conversation {
  Json messages = Json::array();               // {"role", "content", "reasoning_content", "tool_calls", "tool_call_id", "name"}
  Json tools = Json::array();                  // {"type": "function", "function": {"name", "description", "parameters"}}
  Json variables = Json::object();             // what else a template may read: "enable_thinking", …
  bool continues = false;                      // the last message is the beginning of the answer
  std::optional<size_t> thinking_tokens = {};  // no thought may be longer
};

// "messages" and "tools" of the OpenAI dialect, "chat_template_kwargs" and what says how much to think.
void ReadConversation(Fields& fields, Conversation& conversation);
void ReadTools(Fields& fields, Conversation& conversation);     // those that are no functions are named and left out
void ReadThinking(Fields& fields, Conversation& conversation);  // "reasoning", "reasoning_effort", budgets
// The same of the Anthropic dialect.
void ReadAnthropicConversation(Fields& fields, Conversation& conversation);

// The tokens of a conversation up to where the answer begins.
struct ChatTokens {
  std::string text;
  std::vector<Token> tokens;
  std::string start;                      // what of the text belongs to the answer: for ChatParser
  const ThoughtMarks* thought = nullptr;  // how this model marks its thoughts, where it has any
  bool inside_thought = false;            // the answer begins in one
  bool thought_closed = false;            // the prompt says that there is none
  bool marks = true;                      // control tokens are shown to ChatParser, as marks; else they are no text
};
Result<ChatTokens> RenderChat(const Conversation& conversation, const Worker& worker);

// What becomes of a content's parts that are no text (images, sounds, files): what a user sends is refused by its path, because
// the answer would be about something else; what stands in the history, as tools' results do, is told by a few words in its
// place.
enum class OtherParts : uint8_t { kRefused, kTold };

// The text of a "content": a text, or a list of parts.
std::string TextOfContent(const Json* content, const std::string& path, Reading& reading,
                          OtherParts others = OtherParts::kRefused);

// Arguments of a call as an object where they are one, as the text that they are where not.
Json ArgumentsOf(const Json& arguments);

}  // namespace hasten
