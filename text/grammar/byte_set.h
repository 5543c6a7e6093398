// A set of bytes, 256 bits.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace hasten::grammar {

struct ByteSet {
  std::array<uint64_t, 4> words{};

  static ByteSet Range(unsigned first, unsigned last) {
    ByteSet s;
    for (unsigned b = first; b <= last; ++b) s.Add(uint8_t(b));
    return s;
  }
  static ByteSet One(uint8_t b) { return Range(b, b); }
  void Add(uint8_t b) { words[b >> 6] |= uint64_t{1} << (b & 63); }
  bool Has(uint8_t b) const { return (words[b >> 6] >> (b & 63)) & 1; }
  bool Empty() const { return (words[0] | words[1] | words[2] | words[3]) == 0; }
  ByteSet operator|(const ByteSet& o) const {
    ByteSet s;
    for (size_t i = 0; i < 4; ++i) s.words[i] = words[i] | o.words[i];
    return s;
  }
  ByteSet operator&(const ByteSet& o) const {
    ByteSet s;
    for (size_t i = 0; i < 4; ++i) s.words[i] = words[i] & o.words[i];
    return s;
  }
  ByteSet operator~() const {
    ByteSet s;
    for (size_t i = 0; i < 4; ++i) s.words[i] = ~words[i];
    return s;
  }
  auto operator<=>(const ByteSet&) const = default;
};

}  // namespace hasten::grammar
