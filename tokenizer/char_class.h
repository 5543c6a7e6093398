// Which letters, marks, numbers, spaces … Unicode has: one byte of class bits for each code point.
//
// The properties are those of the PCRE2 library that is linked (10.42: Unicode 14) with what Unicode 15.1 added, read out
// once per process into a table of two steps: no big table lies in the source, and the scanners look up a byte where a regex
// engine would search.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"

namespace hasten {

enum CharClass : uint8_t {
  kUpper = 1,         // Lu, Lt
  kLower = 2,         // Ll
  kCaseless = 4,      // Lm, Lo
  kMark = 8,          // M
  kNumber = 16,       // N
  kSpace = 32,        // White_Space: Z, U+0009 to U+000D, U+0085
  kPunctuation = 64,  // P
  kSymbol = 128,      // S
};  // none: control, format, private use, unassigned
inline constexpr uint8_t kLetter = kUpper | kLower | kCaseless;

class CharClasses {
 public:
  // The one table, made at the first call (about ten milliseconds). kUnsupported where PCRE2 was built without Unicode.
  static Result<const CharClasses*> Get();
  uint8_t Of(uint32_t code) const { return blocks_[index_[code >> 8]][code & 255]; }  // code <= 0x10ffff

 private:
  using Block = std::array<uint8_t, 256>;
  static Result<CharClasses> Make();
  std::array<uint16_t, 0x1100> index_{};
  std::vector<Block> blocks_;
};

}  // namespace hasten
