#include "engine/ngram_index.h"

#include <algorithm>

#include "base/random.h"

namespace hasten {

static constexpr size_t kLeastEntries = 1024;
// At least half of a table is empty, where a search seldom takes more than this; a text made to defeat the hash loses places.
static constexpr size_t kProbes = 8;

int32_t& NgramIndex::At(Table& table, std::span<const int32_t> text, size_t end, size_t length) {
  const auto ngram = text.subspan(end - length, length);
  uint64_t hash = length;
  for (const int32_t token : ngram) hash = (hash ^ uint32_t(token)) * 0x9e3779b97f4a7c15 + (hash >> 32);
  hash = Mix64(hash);
  const size_t mask = table.ends.size() - 1;
  for (size_t i = 0; i < kProbes; ++i) {
    int32_t& entry = table.ends[(hash + i) & mask];
    if (entry == 0 || std::ranges::equal(text.subspan(size_t(entry) - length, length), ngram)) return entry;
  }
  return table.ends[hash & mask] = 0;
}

void NgramIndex::Grow(std::span<const int32_t> text) {
  size_t entries = std::max(kLeastEntries, 2 * tables_[0].ends.size());
  while (entries < 2 * text.size()) entries *= 2;
  for (size_t i = 0; i < kLengths.size(); ++i) {
    tables_[i].ends.assign(entries, 0);
    for (size_t end = kLengths[i]; end <= size_; ++end) At(tables_[i], text, end, kLengths[i]) = int32_t(end);
  }
}

NgramIndex::Match NgramIndex::Extend(std::span<const int32_t> text) {
  if (text.size() * 2 > tables_[0].ends.size()) Grow(text);
  for (; size_ < text.size(); ++size_) {
    const size_t end = size_ + 1;
    match_ = {};
    for (size_t i = 0; i < kLengths.size() && kLengths[i] <= end; ++i) {
      int32_t& entry = At(tables_[i], text, end, kLengths[i]);
      if (entry > 0) match_ = {.length = kLengths[i], .next = size_t(entry)};
      entry = int32_t(end);
    }
  }
  return match_;
}

}  // namespace hasten
