#include "engine/constraint/mask_entry.h"

#include <algorithm>
#include <numeric>

namespace hasten::constraint {

uint32_t SuffixTrie::Child(uint32_t node, uint8_t byte) {
  for (const uint32_t c : nodes_[node].children)
    if (nodes_[c].byte == byte) return c;
  nodes_.push_back({.byte = byte});
  nodes_[node].children.push_back(uint32_t(nodes_.size() - 1));
  return uint32_t(nodes_.size() - 1);
}

void SuffixTrie::Add(const VocabTrie& trie, uint32_t n, uint16_t chars) {
  std::vector<uint32_t> path = {0};
  for (const int32_t t : trie.Tokens(n)) nodes_[0].tokens.push_back({t, chars});
  for (uint32_t i = n + 1; i < trie.Skip(n); ++i) {
    path.resize(size_t(trie.Depth(i) - trie.Depth(n)));
    path.push_back(Child(path.back(), trie.Byte(i)));
    for (const int32_t t : trie.Tokens(i)) nodes_[path.back()].tokens.push_back({t, chars});
  }
}

void SuffixTrie::Flatten(uint32_t node) {
  const auto at = bytes_.size();
  bytes_.push_back(nodes_[node].byte);
  skips_.push_back(0);
  begin_.push_back(uint32_t(tokens_.size()));
  tokens_.insert(tokens_.end(), nodes_[node].tokens.begin(), nodes_[node].tokens.end());
  for (const uint32_t c : nodes_[node].children) Flatten(c);
  skips_[at] = uint32_t(bytes_.size());
}

void SuffixTrie::Finish() {
  Flatten(0);
  begin_.push_back(uint32_t(tokens_.size()));
  nodes_.clear();
  nodes_.shrink_to_fit();
}

void MaskEntry::Finish(size_t vocab) {
  suffixes.Finish();
  for (const uint16_t n : needs) most_needed = std::max<uint32_t>(most_needed, n);
  if (most_needed == 0) needs.clear();
  if (!needs.empty()) {
    std::vector<uint32_t> order(tokens.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, {}, [&](uint32_t i) { return needs[i]; });
    std::vector<int32_t> by_need;
    std::vector<uint16_t> sorted;
    for (const uint32_t i : order) {
      by_need.push_back(tokens[i]);
      sorted.push_back(needs[i]);
    }
    tokens = std::move(by_need);
    needs = std::move(sorted);
  }
  // A bit a token against four bytes for each: where a thirtieth of all is allowed, bits are smaller, and quicker to add.
  if (tokens.size() * 32 < vocab) return;
  bits.resize((vocab + 63) / 64);
  for (const int32_t t : tokens) bits[size_t(t) / 64] |= uint64_t{1} << (t % 64);
}

}  // namespace hasten::constraint
