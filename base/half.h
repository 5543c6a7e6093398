// float16 and bfloat16 as stored bits. Conversions are exact one way and round to nearest, ties to even, the other.
// Source: IEEE 754-2008 binary16; bfloat16 is the upper half of binary32.
#pragma once

#include <bit>
#include <cstdint>

namespace hasten {

inline float FloatFromHalf(uint16_t h) {
  const uint32_t sign = uint32_t(h & 0x8000) << 16;
  const uint32_t magnitude = h & 0x7fff;
  if (magnitude >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  if (magnitude >= 0x0400) return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000));
  const float subnormal = float(magnitude) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(subnormal));
}

inline uint16_t HalfFromFloat(float f) {
  const uint32_t bits = std::bit_cast<uint32_t>(f);
  const uint16_t sign = uint16_t(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return uint16_t(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));  // NaN stays NaN
  if (magnitude >= 0x477ff000) return uint16_t(sign | 0x7c00);                             // rounds to 2^16 or more
  if (magnitude >= 0x38800000) {                                                           // normal: 2^-14 or more
    const uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
    return uint16_t(sign | ((rounded - 0x38000000) >> 13));
  }
  // Subnormal: adding 2^(23-24) aligns the unit in the last place with 2^-24, and the adder rounds to nearest even.
  const float aligned = std::bit_cast<float>(magnitude) + 0.5f;
  return uint16_t(sign | (std::bit_cast<uint32_t>(aligned) - std::bit_cast<uint32_t>(0.5f)));
}

inline float FloatFromBf16(uint16_t b) { return std::bit_cast<float>(uint32_t(b) << 16); }

inline uint16_t Bf16FromFloat(float f) {
  const uint32_t bits = std::bit_cast<uint32_t>(f);
  if ((bits & 0x7fffffff) > 0x7f800000) return uint16_t(bits >> 16 | 64);  // quiet the NaN
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// 2^(e-127), the scale byte of microscaling formats (OCP MX v1.0, E8M0). e = 0 is 2^-127, subnormal; 255 is NaN there.
inline float FloatFromE8m0(uint8_t e) {
  if (e == 0) return 0x1p-127f;
  return std::bit_cast<float>(uint32_t(e) << 23);
}

}  // namespace hasten
