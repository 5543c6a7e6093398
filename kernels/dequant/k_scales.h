// The twelve bytes of Q4_K and Q5_K that hold eight scales and eight minimums of six bits.
//
//   bytes 0-3   ssSSSSSS   SSSSSS: scale j,     ss: upper two bits of scale j + 4
//   bytes 4-7   mmMMMMMM   MMMMMM: minimum j,   mm: upper two bits of minimum j + 4
//   bytes 8-11  mmmmssss   lower four bits of minimum j + 4 and of scale j + 4
#pragma once

#include <cstdint>

namespace hasten {

struct KScales {
  uint8_t scale[8], min[8];  // 0 to 63
};

inline KScales UnpackKScales(const uint8_t* packed) {
  KScales k;
  for (int j = 0; j < 4; ++j) {
    k.scale[j] = packed[j] & 63;
    k.min[j] = packed[4 + j] & 63;
    k.scale[4 + j] = uint8_t((packed[8 + j] & 15) | packed[j] >> 6 << 4);
    k.min[4 + j] = uint8_t(packed[8 + j] >> 4 | packed[4 + j] >> 6 << 4);
  }
  return k;
}

inline void PackKScales(const KScales& k, uint8_t* packed) {
  for (int j = 0; j < 4; ++j) {
    packed[j] = uint8_t(k.scale[j] | k.scale[4 + j] >> 4 << 6);
    packed[4 + j] = uint8_t(k.min[j] | k.min[4 + j] >> 4 << 6);
    packed[8 + j] = uint8_t((k.scale[4 + j] & 15) | (k.min[4 + j] & 15) << 4);
  }
}

}  // namespace hasten
