// ▁ (U+2581), which SentencePiece-style vocabularies write for a space, and where text can be cut without changing a merge.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "tokenizer/utf8.h"

namespace hasten {

inline constexpr std::string_view kSpaceMark = "\xe2\x96\x81";

// Appends `text` with ▁ for spaces.
void MarkSpaces(std::string_view text, std::string& out);
// `text` with spaces for ▁.
std::string UnmarkSpaces(std::string_view text);

// Cuts text before spaces (or ▁) wherever no merge of the vocabulary could join the two sides: whatever the order of
// merges, tokens do not cross such a place, so the words between can be encoded one by one, and kept.
class SpaceCuts {
 public:
  // A merge may join something that ends in `c` to something that begins with ▁.
  void Join(uint32_t c) { joined_.insert(c); }
  // Bytes of the first word of `text`, not empty.
  size_t FirstWord(std::string_view text) const;

 private:
  std::unordered_set<uint32_t> joined_;
};

}  // namespace hasten
