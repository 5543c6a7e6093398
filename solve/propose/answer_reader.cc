#include "solve/propose/answer_reader.h"

#include <vector>

#include "solve/propose/prompt.h"

namespace hasten::solve {

static std::vector<std::string> StopsOf(AnswerReader::Kind kind) {
  return kind == AnswerReader::Kind::kInBlock ? std::vector<std::string>{"```"} : std::vector<std::string>();
}

AnswerReader::AnswerReader(const Tokenizer& tokenizer, Kind kind, const std::string& start)
    : tokenizer_(tokenizer), kind_(kind), decoder_(tokenizer, kind == Kind::kFree), stops_(StopsOf(kind)) {
  if (kind == Kind::kFree) parser_.emplace(ChatParserOptions{.start = start});
}

bool AnswerReader::Push(Token token) {
  if (tokenizer_.EndsGeneration(token)) return false;
  const std::string text = decoder_.Push(token);
  if (kind_ != Kind::kFree) {
    text_ += stops_.Push(text);
    return !stops_.stopped();
  }
  Take(text);
  return !BlockClosed();
}

void AnswerReader::Take(const std::string& text) {
  for (const ChatEvent& event : parser_->Push(text))
    if (event.type == ChatEvent::kContent) text_ += event.text;
}

// An opened and a closed fence, with something between.
bool AnswerReader::BlockClosed() const {
  const size_t open = text_.find("```");
  const size_t line = open == std::string::npos ? open : text_.find('\n', open);
  return line != std::string::npos && text_.find("\n```", line) != std::string::npos;
}

void AnswerReader::Finish() {
  if (kind_ != Kind::kFree) {
    text_ += stops_.Push(decoder_.Finish());
    text_ += stops_.Finish();
    return;
  }
  Take(decoder_.Finish());
  for (const ChatEvent& event : parser_->Finish())
    if (event.type == ChatEvent::kContent) text_ += event.text;
}

std::string AnswerReader::Program(const Task& task) const { return kind_ == Kind::kBare ? text_ : ProgramIn(task, text_); }

}  // namespace hasten::solve
