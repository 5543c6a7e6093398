// What the items of an array are told apart by, where no two may be equal.
//
// Two numbers stand in frames for what would not fit in them: the text of an item so far (`seen` of its string or scalar), and
// the set of an array's items so far (`seen` of the array). Equal texts and equal sets have equal numbers.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "text/grammar/regex.h"

namespace hasten::constraint {

class Distinct {
 public:
  static constexpr uint32_t kNotKept = 0, kNoText = 1;  // of texts: of what is no item, and of an item that has just begun
  static constexpr uint32_t kUnknown = UINT32_MAX;      // within a mask, behind bytes that were not followed one by one
  static constexpr uint32_t kNoItems = 0;               // of sets

  uint32_t After(uint32_t text, uint8_t byte);
  // The set with one more item: a string by its text between the quotes, or a scalar.
  uint32_t With(grammar::RegexPool& pool, uint32_t set, uint32_t text, bool is_string);
  // What may still come: `content` of strings or `scalars` as they are written, without those in the set.
  grammar::ReId Without(grammar::RegexPool& pool, uint32_t set, grammar::ReId from, bool strings) const;

 private:
  struct Node {
    uint32_t parent;
    uint8_t byte;
  };
  struct Set {
    std::vector<grammar::ReId> strings, scalars;  // ascending
    auto operator<=>(const Set&) const = default;
  };
  std::vector<Node> nodes_ = std::vector<Node>(2);  // the first two stand for no byte
  std::unordered_map<uint64_t, uint32_t> next_;
  std::vector<Set> sets_ = std::vector<Set>(1);
  std::map<Set, uint32_t> set_of_ = {{{}, kNoItems}};
};

}  // namespace hasten::constraint
