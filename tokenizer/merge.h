// Merging neighbours in order of rank, leftmost first: what byte-pair encoding and SentencePiece's score merging share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

namespace hasten {

struct Symbol {
  uint32_t begin, bytes;  // in the word; 0 bytes: merged into the one before
  int32_t id;             // means something to the model that merges
  uint32_t previous = 0, next = 0;
};

struct Merge {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t rank = kNone;  // lower goes first; kNone: these two do not merge
  int32_t id = -1;        // of the symbol that they become
};

// Merges `symbols`, which tile the word in order, until no two neighbours merge, and removes those that are gone.
// `merge_of(left, right)` gives the Merge of two symbols. Few symbols are searched plainly, in n² steps with a small n;
// many wait in a heap: n log n steps. Both give the same result.
class Merger {
 public:
  static constexpr size_t kFew = 24;
  template <class MergeOf>
  void Run(std::vector<Symbol>& symbols, const MergeOf& merge_of) {
    if (symbols.size() < 2) return;
    if (symbols.size() <= kFew) return RunFew(symbols, merge_of);
    RunMany(symbols, merge_of);
  }

  template <class MergeOf>
  void RunFew(std::vector<Symbol>& symbols, const MergeOf& merge_of) {
    few_.resize(symbols.size() - 1);  // few_[i]: of symbols i and i + 1
    for (size_t i = 0; i < few_.size(); ++i) few_[i] = merge_of(symbols[i], symbols[i + 1]);
    while (!few_.empty()) {
      const auto best = std::min_element(few_.begin(), few_.end(), [](Merge a, Merge b) { return a.rank < b.rank; });
      if (best->rank == Merge::kNone) return;
      const size_t i = size_t(best - few_.begin());
      symbols[i].bytes += symbols[i + 1].bytes;
      symbols[i].id = best->id;
      symbols.erase(symbols.begin() + ptrdiff_t(i) + 1);
      few_.erase(best);
      if (i > 0) few_[i - 1] = merge_of(symbols[i - 1], symbols[i]);
      if (i < few_.size()) few_[i] = merge_of(symbols[i], symbols[i + 1]);
    }
  }

  template <class MergeOf>
  void RunMany(std::vector<Symbol>& symbols, const MergeOf& merge_of) {
    const uint32_t end = uint32_t(symbols.size());
    heap_.clear();
    const auto offer = [&](uint32_t left, uint32_t right) {
      const Merge m = merge_of(symbols[left], symbols[right]);
      if (m.rank == Merge::kNone) return;
      heap_.push_back({m, left, right, symbols[left].bytes + symbols[right].bytes});
      std::push_heap(heap_.begin(), heap_.end());
    };
    for (uint32_t i = 0; i < end; ++i) symbols[i].previous = i - 1, symbols[i].next = i + 1;
    for (uint32_t i = 0; i + 1 < end; ++i) offer(i, i + 1);
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end());
      const Candidate c = heap_.back();
      heap_.pop_back();
      Symbol &left = symbols[c.left], &right = symbols[c.right];
      // Symbols only grow, so the two are as they were when offered if both live and their lengths still add up.
      if (left.bytes == 0 || right.bytes == 0 || left.bytes + right.bytes != c.bytes) continue;
      left.bytes = c.bytes;
      left.id = c.merge.id;
      left.next = right.next;
      right.bytes = 0;
      if (right.next != end) symbols[right.next].previous = c.left;
      if (c.left != 0) offer(left.previous, c.left);
      if (left.next != end) offer(c.left, left.next);
    }
    std::erase_if(symbols, [](const Symbol& s) { return s.bytes == 0; });
  }

 private:
  struct Candidate {
    Merge merge;
    uint32_t left, right, bytes;
    bool operator<(const Candidate& other) const {  // the top of the heap goes first
      return merge.rank != other.merge.rank ? merge.rank > other.merge.rank : left > other.left;
    }
  };
  std::vector<Merge> few_;
  std::vector<Candidate> heap_;
};

}  // namespace hasten
