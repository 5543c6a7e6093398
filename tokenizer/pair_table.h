// Which two symbols merge, and into what: a hash table from pairs of ids. Built once, then read by many threads.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "tokenizer/hash.h"
#include "tokenizer/merge.h"

namespace hasten {

class PairTable {
 public:
  // Room for `count` pairs.
  explicit PairTable(size_t count) : slots_(std::bit_ceil(count + count / 2 + 2)) {}

  Merge Find(int32_t left, int32_t right) const {
    const uint64_t pair = Pair(left, right);
    for (size_t i = First(pair);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i].merge.rank == Merge::kNone) return {};
      if (slots_[i].pair == pair) return slots_[i].merge;
    }
  }

  // The first merge of a pair stays. `merge` has a rank.
  void Add(int32_t left, int32_t right, Merge merge) {
    const uint64_t pair = Pair(left, right);
    size_t i = First(pair);
    while (slots_[i].merge.rank != Merge::kNone && slots_[i].pair != pair) i = (i + 1) & (slots_.size() - 1);
    if (slots_[i].merge.rank == Merge::kNone) slots_[i] = {pair, merge};
  }

 private:
  struct Slot {
    uint64_t pair = 0;
    Merge merge;
  };
  static uint64_t Pair(int32_t left, int32_t right) { return uint64_t(uint32_t(left)) << 32 | uint32_t(right); }
  size_t First(uint64_t pair) const {
    return FoldedProduct(pair ^ 0x9e3779b97f4a7c15, 0xd1342543de82ef95) & (slots_.size() - 1);
  }
  std::vector<Slot> slots_;  // a power of two, at most two thirds of them taken
};

}  // namespace hasten
