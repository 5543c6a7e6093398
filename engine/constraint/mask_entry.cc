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

// A counting sort: needs are small numbers, tokens are many.
void MaskEntry::SortByNeed() {
  std::vector<uint32_t> place(size_t{*std::ranges::max_element(needs)} + 2);
  for (const uint16_t n : needs) ++place[n + 1u];
  std::partial_sum(place.begin(), place.end(), place.begin());
  std::vector<int32_t> by_need(tokens.size());
  std::vector<uint16_t> sorted(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    const uint32_t at = place[needs[i]]++;
    by_need[at] = tokens[i];
    sorted[at] = needs[i];
  }
  tokens = std::move(by_need);
  needs = std::move(sorted);
}

void MaskEntry::Finish(size_t vocab) {
  suffixes.Finish();
  if (!needs.empty()) {
    SortByNeed();
    most_needed = needs.back();
  }
  // A bit a token against four bytes for each: where a thirtieth of all is allowed, bits are smaller, and quicker to add.
  const size_t many = std::max<size_t>(vocab / 32, 1);
  std::vector<uint64_t> bits((vocab + 63) / 64);
  for (size_t begin = 0, i = 1; i <= tokens.size(); ++i) {
    const bool whole = i == tokens.size();
    if (!whole && (i - begin < many || needs.empty() || needs[i] == needs[i - 1])) continue;
    if (whole && i < many) break;
    for (; begin < i; ++begin) bits[size_t(tokens[begin]) / 64] |= uint64_t{1} << (tokens[begin] % 64);
    levels.push_back({needs.empty() ? 0u : needs[i - 1], uint32_t(i), bits});
  }
  if (needs.empty() && !levels.empty()) tokens = {};
}

}  // namespace hasten::constraint
