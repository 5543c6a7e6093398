// All programs that are one small edit away from a given one, the likely ones first: what people get wrong is mostly an
// operator, an index that is off by one, two arguments in the wrong order, another variable, a case that was forgotten.
//
// It knows tokens, lines and indentation and no grammar; what does not compile costs one cheap trial. The kinds of edits are
// those that studies of real defects list, such as Liu et al. 2019, "TBar: Revisiting Template-based Automated Program Repair".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "solve/propose/code_tokens.h"

namespace hasten::solve {

// Bytes [begin, end) of the program become `text`.
struct Edit {
  size_t begin = 0, end = 0;
  std::string text;
  int cost = 1;  // small for what is likely
};

std::string Applied(std::string_view program, const Edit& edit);

// Ascending by cost; no two give the same program. `language` is a task's: conditions and statements are known in Python only.
std::vector<Edit> SmallEdits(std::string_view program, std::string_view language);

// A program as the kinds of edits see it; for edits.cc and statement_edits.cc.
class EditList {
 public:
  explicit EditList(std::string_view program);
  void Add(size_t begin, size_t end, std::string text, int cost);
  std::vector<Edit> Sorted();

  std::string_view program() const { return program_; }
  const std::vector<CodeToken>& tokens() const { return tokens_; }
  size_t Begin(size_t token) const { return begins_[token]; }
  size_t End(size_t token) const { return begins_[token + 1]; }
  std::string_view Text(size_t token) const { return tokens_[token].text; }
  bool Is(size_t token, std::string_view text) const { return token < tokens_.size() && tokens_[token].text == text; }
  // The nearest token that is no space, in the same line; size() where there is none.
  size_t Next(size_t token) const;
  size_t Previous(size_t token) const;
  size_t size() const { return tokens_.size(); }
  // The token behind the bracket that closes the one at `open`; `open` where it is never closed.
  size_t Closed(size_t open) const;
  // The first and the last token of the operand that `token` ends or begins: a name, a number, a call, x[i].y
  size_t OperandBegin(size_t last) const;
  size_t OperandEnd(size_t first) const;
  std::string Between(size_t first, size_t last) const;  // both included

  // Names that hold values, each once, in order: neither keywords, nor behind a dot, nor called, nor being defined.
  const std::vector<std::string>& variables() const { return variables_; }
  bool IsVariable(size_t token) const;
  bool IsOperand(size_t token) const;  // something that an operator can stand behind

 private:
  const std::string_view program_;
  std::vector<CodeToken> tokens_;
  std::vector<size_t> begins_;
  std::vector<std::string> variables_;
  std::vector<Edit> edits_;
};

void AddTokenEdits(EditList& list, bool python);
void AddStatementEdits(EditList& list);  // Python

}  // namespace hasten::solve
