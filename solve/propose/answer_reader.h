// A local model's answer, token by token: where the program in it ends, and what it is.
#pragma once

#include <optional>
#include <string>

#include "chat/output_parser.h"
#include "engine/stop.h"
#include "solve/task/task.h"
#include "tokenizer/tokenizer.h"

namespace hasten::solve {

class AnswerReader {
 public:
  // kInBlock: the prompt has opened a code block, and the answer ends where that closes. kFree: text with thoughts, which
  // `start` may have begun already, and the program in the first block that is closed. kBare: all of it is the candidate.
  enum class Kind : uint8_t { kInBlock, kFree, kBare };
  AnswerReader(const Tokenizer& tokenizer, Kind kind, const std::string& start);

  bool Push(Token token);  // whether the answer goes on
  void Finish();
  std::string Program(const Task& task) const;  // empty where there is none

 private:
  void Take(const std::string& text);
  bool BlockClosed() const;

  const Tokenizer& tokenizer_;
  const Kind kind_;
  StreamDecoder decoder_;
  StopStrings stops_;
  std::optional<ChatParser> parser_;  // kFree
  std::string text_;                  // without thoughts
};

}  // namespace hasten::solve
