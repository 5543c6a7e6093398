// A program as tokens, whatever its language: enough to change a number, an operator or a name and leave the rest alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::solve {

struct CodeToken {
  enum class Kind : uint8_t { kSpace, kNumber, kName, kText, kOperator, kOther };  // kSpace: also comments
  Kind kind;
  std::string text;
};

// The texts of all tokens, one after the other, are the program again.
std::vector<CodeToken> CodeTokens(std::string_view program);
std::string JoinTokens(const std::vector<CodeToken>& tokens);
std::vector<std::string> CodeLines(std::string_view program);  // each with its line break

}  // namespace hasten::solve
