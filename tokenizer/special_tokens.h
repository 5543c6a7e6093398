// Finds the tokens that are taken out of a text before anything else: user-defined ones always, control tokens on request.
//
// Which one wins where they overlap: the longest, wherever it stands; of equally long ones the lower id, then the leftmost.
// (So does llama.cpp, which searches the text for each token in turn.) n log n in the length of the text: a token of more than
// kLongest bytes, which no honest file has, is never found.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "base/threads.h"
#include "tokenizer/vocab.h"

namespace hasten {

class SpecialTokens {
 public:
  enum class Which : uint8_t { kUserDefined, kAll };
  SpecialTokens(const Vocab& vocab, Which which);

  // Calls `text` for every stretch between tokens (not empty) and `token` for every token found, in order.
  void Split(std::string_view s, FunctionRef<void(std::string_view)> text, FunctionRef<void(Token)> token) const;

 private:
  static constexpr size_t kLongest = 1024;
  struct Entry {
    std::string_view text;
    Token token;
    bool strips_right;
  };
  struct Found {
    size_t begin, end;  // of the token's text and the white space that it swallows
    Token token;
  };
  const Entry* Longest(std::string_view s, size_t shorter_than) const;  // that `s` begins with, or nullptr
  std::vector<Found> FindAll(std::string_view s) const;

  std::vector<Entry> entries_;  // sorted by text
  struct Bucket {
    uint32_t begin = 0, end = 0;
  };
  std::array<Bucket, 256> by_first_byte_{};
};

}  // namespace hasten
