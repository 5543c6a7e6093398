// What calls of tools may look like in one family's syntax, as a grammar: the parser of answers (chat/output_parser.h) turns
// whatever it allows into arguments that are valid under the tool's schema.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "chat/tool_syntax.h"
#include "text/grammar/grammar.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

struct CallRules {
  ToolSyntax syntax = ToolSyntax::kGeneric;
  nlohmann::ordered_json tools;  // OpenAI's list: those that may be called
  bool parallel = true;          // several calls
  bool behind_mark = false;      // the mark that begins a call has been written already
};

// The text that begins any call; until it comes an answer may say what it likes.
std::string CallMark(ToolSyntax syntax);
// The text that begins an answer to the reader behind `start` (ChatPrompt::start), where a family says for whom each message
// is.
std::string MessageMark(ToolSyntax syntax, std::string_view start);

// Control tokens are asked for as tokens; one that ends the text comes by itself.
grammar::ReId MarkGrammar(grammar::Grammar& g, const std::string& marks, const Tokenizer& tokenizer);

// Appends to `g`. Control tokens are asked for as tokens, where the vocabulary has them. kUnsupported names the tool whose
// schema cannot be held.
Result<grammar::ReId> CallGrammar(grammar::Grammar& g, const CallRules& rules, const Tokenizer& tokenizer);

}  // namespace hasten
