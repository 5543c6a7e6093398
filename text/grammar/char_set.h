// Sets of Unicode code points, and the expressions over UTF-8 bytes that stand for them.
#pragma once

#include <string>
#include <vector>

#include "text/grammar/regex.h"

namespace hasten::grammar {

struct CharRange {
  uint32_t first, last;
  bool operator==(const CharRange&) const = default;
};

class CharSet {
 public:
  void Add(uint32_t first, uint32_t last) { ranges_.push_back({first, last}); }
  void Add(uint32_t c) { Add(c, c); }
  void Add(const CharSet& other) { ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end()); }
  // All code points that are not in it; surrogates are in neither.
  CharSet Complement() const;
  ReId ToRegex(RegexPool& pool) const;
  bool empty() const { return ranges_.empty(); }

 private:
  std::vector<CharRange> Sorted() const;
  std::vector<CharRange> ranges_;
};

inline constexpr uint32_t kLastChar = 0x10FFFF;
void AppendUtf8(std::string& out, uint32_t c);

}  // namespace hasten::grammar
