// Where a text that is merged as a whole can be cut all the same.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace hasten {

// A place between two characters is safe where no token, and so no merge, has these two side by side: whatever the order of
// merges, what is left of it never joins what is right of it. The words between safe places are encoded one by one, and kept.
// Pairs of ASCII characters are told apart, and whatever stands before a space; ▁ counts as the space that it marks.
class SafeCuts {
 public:
  // Whatever stands side by side in `text`, valid UTF-8, may be joined.
  void JoinAll(std::string_view text);
  void Join(uint32_t left, uint32_t right);
  // Bytes of the first word of `text` (valid UTF-8, not empty), which ends at the first safe place.
  size_t FirstWord(std::string_view text) const;

 private:
  bool Joins(uint32_t left, uint32_t right) const;
  std::bitset<128 * 128> ascii_;
  std::unordered_set<uint32_t> before_space_;  // characters beyond ASCII
};

}  // namespace hasten
