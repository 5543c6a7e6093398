// A family's marks as a vocabulary has them: some are control tokens, which stand for no bytes, the rest is text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace hasten {

struct MarkPart {
  Token token = -1;  // -1: text
  std::string text = {};
  bool operator==(const MarkPart&) const = default;
};

std::vector<MarkPart> SplitMarks(const Tokenizer& tokenizer, std::string_view marks);

}  // namespace hasten
