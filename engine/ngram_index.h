// Where in a growing text its own end stood before: the last 2, 4, 8 or 16 tokens, found in constant time.
//
// For each of these lengths a hash table finds the place where so many tokens last ended; what it holds is compared with the
// text itself. A token costs four entries once, and nothing is scanned again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasten {

class NgramIndex {
 public:
  static constexpr std::array<size_t, 4> kLengths = {2, 4, 8, 16};

  struct Match {
    size_t length = 0;  // 0: none; else one of kLengths
    size_t next = 0;    // where in the text what followed then begins; below the text's size
  };
  // `text` is the one of the last call with more tokens behind it. The longest n-gram at its end that ended earlier, too, and
  // the last place where it did.
  Match Extend(std::span<const int32_t> text);
  size_t size() const { return size_; }  // of the text so far

 private:
  struct Table {
    std::vector<int32_t> ends;  // one behind the n-gram's last token, 0: none; a power of two of them
  };
  void Grow(std::span<const int32_t> text);
  // The entry of the n-gram that ends at `end`: where it lies, or where it may be put.
  static int32_t& At(Table& table, std::span<const int32_t> text, size_t end, size_t length);

  std::array<Table, kLengths.size()> tables_;
  size_t size_ = 0;
  Match match_;  // at the end of the text so far
};

}  // namespace hasten
