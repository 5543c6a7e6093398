// Integers into the bit fields of blocks: the inverse of what kernels/dequant/ reads. Codes are one byte each.
#pragma once

#include "base/half.h"
#include "kernels/quantize/lanes.h"

namespace hasten::encode {

inline void PutHalf(float v, uint8_t* out) {
  const uint16_t h = HalfFromFloat(v);
  out[0] = uint8_t(h);
  out[1] = uint8_t(h >> 8);
}

// 32 codes: byte j holds the low bits of codes j and j + 16.
inline void PutNibbles(const uint8_t* codes, uint8_t* out) {
  for (int j = 0; j < 16; ++j) out[j] = uint8_t((codes[j] & 15) | (codes[j + 16] & 15) << 4);
}

// 32 codes: bit j of the four bytes is bit 4 of code j.
inline void PutFifthBits(const uint8_t* codes, uint8_t* out) {
  for (int b = 0; b < 4; ++b) {
    int bits = 0;
    for (int j = 0; j < 8; ++j) bits |= (codes[8 * b + j] >> 4 & 1) << j;
    out[b] = uint8_t(bits);
  }
}

// 256 codes: byte l of row g holds the low four bits of codes l and l + 32 of each 64.
inline void PutLow4(const uint8_t* codes, uint8_t* out) {
  for (int g = 0; g < 4; ++g)
    for (int l = 0; l < 32; ++l) out[32 * g + l] = uint8_t((codes[64 * g + l] & 15) | (codes[64 * g + 32 + l] & 15) << 4);
}

// 256 codes: bit j of byte l is bit `bit` of code 32 j + l.
inline void PutHigh1(const uint8_t* codes, int bit, uint8_t* out) {
  for (int l = 0; l < 32; ++l) {
    int bits = 0;
    for (int j = 0; j < 8; ++j) bits |= (codes[32 * j + l] >> bit & 1) << j;
    out[l] = uint8_t(bits);
  }
}

// 256 codes: byte l of each half holds the low two bits of codes l, l + 32, l + 64 and l + 96 of that half.
inline void PutLow2(const uint8_t* codes, uint8_t* out) {
  for (int half = 0; half < 2; ++half)
    for (int l = 0; l < 32; ++l) {
      int bits = 0;
      for (int j = 0; j < 4; ++j) bits |= (codes[128 * half + 32 * j + l] & 3) << (2 * j);
      out[32 * half + l] = uint8_t(bits);
    }
}

}  // namespace hasten::encode
