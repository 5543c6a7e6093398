// The bytes that each token stands for, worked out once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/vocab.h"

namespace hasten {

// How a vocabulary writes its texts.
enum class Spelling : uint8_t { kByteChars, kSpaceMarks };

class Pieces {
 public:
  Pieces(const Vocab& vocab, Spelling spelling);
  // Control and unknown tokens stand for nothing; so do those that the file calls unused or undefined.
  std::string_view Of(Token t) const { return pieces_[t]; }

 private:
  std::vector<char> bytes_;
  std::vector<std::string_view> pieces_;
};

}  // namespace hasten
