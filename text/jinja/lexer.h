// The text of a template cut into tokens, whitespace control already applied.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hasten::jinja {

struct Token {
  enum Type : uint8_t { kData, kPrintBegin, kPrintEnd, kTagBegin, kTagEnd, kName, kString, kInteger, kFloat, kOperator, kEnd };
  Type type = kEnd;
  int line = 1;
  std::string text;  // of a string: what it means, escapes resolved
  bool Is(Type t, std::string_view what) const { return type == t && text == what; }
};

std::string Describe(const Token& token);  // for sentences: what was found

// As transformers sets Jinja2 up: the newline behind a tag is dropped (trim_blocks), so are the blanks before one that begins
// a line (lstrip_blocks), and so is one newline at the end of the template. "-" strips all whitespace, "+" keeps it.
// kCorrupt with the line: what is never closed, brackets that do not match, a character that means nothing.
Result<std::vector<Token>> Tokenize(std::string_view source);

}  // namespace hasten::jinja
