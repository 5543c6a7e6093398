// The fields that say what a text has to be: response_format, grammar, regex, tool_choice.
#pragma once

#include "engine/job.h"
#include "serve/conversation.h"
#include "serve/fields.h"
#include "serve/worker.h"

namespace hasten {

// "response_format" (text, json_object, json_schema), "grammar" (GBNF), "regex". Refuses what cannot be compiled, with the
// place in it.
void ReadConstraint(Fields& fields, Worker& worker, Job& job);
// A schema as it is, of the field at `path`.
void ConstrainToSchema(const Json& schema, const std::string& path, Worker& worker, Job& job, Reading& reading);

// Which tools may be called: none, as the model likes, one at least, or the one of this name.
struct ToolChoice {
  enum class Kind : uint8_t { kNone, kAuto, kRequired, kNamed } kind = Kind::kAuto;
  std::string name = {};
};
ToolChoice ReadToolChoice(Fields& fields);  // "tool_choice", as OpenAI and Anthropic have it
// Calls have arguments of their tool's schema: all of the text where a call is required, else what follows the mark of a call.
void ConstrainCalls(const Conversation& conversation, const ToolChoice& choice, Worker& worker, Job& job, Reading& reading);

}  // namespace hasten
