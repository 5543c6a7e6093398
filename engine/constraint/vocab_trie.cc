#include "engine/constraint/vocab_trie.h"

#include <algorithm>
#include <string_view>

namespace hasten::constraint {

// Longer tokens than this are never allowed by bytes; published vocabularies stay below 600.
static constexpr size_t kLongestToken = 4096;
// Subtrees of fewer nodes are walked as quickly as one learns what they are made of.
static constexpr uint32_t kWorthAQuestion = 6;

VocabTrie::VocabTrie(const Tokenizer& tokenizer) : vocab_(tokenizer.size()) {
  struct Item {
    std::string_view piece;
    int32_t token;
  };
  std::vector<Item> items;
  for (int32_t t = 0; t < int32_t(vocab_); ++t) {
    const std::string_view piece = tokenizer.Piece(t);
    if (tokenizer.EndsGeneration(t)) ends_.push_back(t);
    if (piece.empty() || piece.size() > kLongestToken || tokenizer.EndsGeneration(t)) continue;
    items.push_back({piece, t});
    longest_ = std::max(longest_, piece.size());
  }
  std::ranges::sort(items,
                    [](const Item& a, const Item& b) { return a.piece != b.piece ? a.piece < b.piece : a.token < b.token; });
  bytes_ = {0};
  skips_ = {0};
  depths_ = {0};
  token_begin_ = {0};
  std::vector<uint32_t> path = {0};  // nodes from the root to the last one added
  std::string_view last;
  for (const Item& item : items) {
    const auto shared = size_t(std::ranges::mismatch(last, item.piece).in1 - last.begin());
    while (path.size() > shared + 1) {
      skips_[path.back()] = uint32_t(bytes_.size());
      path.pop_back();
    }
    for (size_t i = shared; i < item.piece.size(); ++i) {
      path.push_back(uint32_t(bytes_.size()));
      bytes_.push_back(uint8_t(item.piece[i]));
      skips_.push_back(0);
      depths_.push_back(uint16_t(i + 1));
      token_begin_.push_back(uint32_t(tokens_.size()));
    }
    tokens_.push_back(item.token);
    chars_.push_back(uint16_t(std::ranges::count_if(item.piece, [](char c) { return (uint8_t(c) & 0xC0) != 0x80; })));
    last = item.piece;
  }
  for (const uint32_t n : path) skips_[n] = uint32_t(bytes_.size());
  token_begin_.push_back(uint32_t(tokens_.size()));
  DescribeSubtrees();
}

void VocabTrie::DescribeSubtrees() {
  below_.resize(size());
  std::vector<uint8_t> sorts(size());
  std::vector<uint32_t> parent(size()), path(longest_ + 1);
  for (uint32_t n = 1; n < size(); ++n) {
    path[depths_[n]] = n;
    parent[n] = path[depths_[n] - 1u];
    const Utf8 before = below_[parent[n]].at;
    below_[n].chars = uint16_t(below_[parent[n]].chars + ((bytes_[n] & 0xC0) != 0x80));
    // The root's place in a character is not known, but whatever is no continuation begins one.
    below_[n].at = Utf8After(parent[n] == kRoot && (bytes_[n] & 0xC0) != 0x80 ? Utf8::kBegin : before, bytes_[n]);
  }
  for (auto n = uint32_t(size() - 1); n > 0; --n) {
    const uint32_t up = parent[n];
    sorts[up] |= uint8_t(sorts[n] | SortOf(below_[up].at, bytes_[n]));
    below_[up].height = std::max(below_[up].height, uint16_t(below_[n].height + 1));
    if (skips_[n] - n > kWorthAQuestion) below_[n].kind = NarrowestKind(sorts[n]);
  }
}

}  // namespace hasten::constraint
