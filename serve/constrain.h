// The fields that say what a text has to be: response_format, grammar, regex, tool_choice. They are read with the others and
// compiled once the prompt is known, for a thought may come first.
#pragma once

#include <string>
#include <vector>

#include "engine/job.h"
#include "serve/conversation.h"
#include "serve/fields.h"
#include "serve/worker.h"

namespace hasten {

struct Wanted {
  std::vector<ConstraintPart> parts;  // empty: any text
  std::string path;                   // of the field that asks
};

// "response_format" (text, json_object, json_schema), "grammar" (GBNF), "regex".
void ReadConstraint(Fields& fields, Wanted& wanted);
// What "response_format" of chats or "format" of /v1/responses' "text" holds. Whether it asks for more than any text.
bool ReadFormat(const Json& format, const std::string& path, Wanted& wanted, Reading& reading);
void WantSchema(const Json& schema, const std::string& path, Wanted& wanted);

// Which tools may be called: none, as the model likes, or one at least.
struct ToolChoice {
  enum class Kind : uint8_t { kNone, kAuto, kRequired } kind = Kind::kAuto;
  std::vector<std::string> names = {};  // empty: any of them
  bool parallel = true;                 // several calls in one answer
};
// "tool_choice" and "parallel_tool_calls", as OpenAI and Anthropic have them.
ToolChoice ReadToolChoice(Fields& fields);

// All of the text is what is wanted. Refuses what cannot be compiled, with the place in it.
void Constrain(const Wanted& wanted, Worker& worker, Job& job, Reading& reading);
// The same behind a thought; calls have arguments of their tool's schema: all of the text where a call is required, else what
// follows the mark of a call.
void ConstrainChat(const Wanted& wanted, const ToolChoice& choice, const Conversation& conversation, const ChatTokens& chat,
                   Worker& worker, Job& job, Reading& reading);

}  // namespace hasten
