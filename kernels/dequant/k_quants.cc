// Q2_K to Q6_K: 256 weights in runs of 16 or 32, whose scales are small integers times one float16.
//
//   Q2_K  scales:16  low2:64  d:2  dmin:2            weight = d s q - dmin m     s, m: the nibbles of a run's byte
//   Q3_K  high1:32  low2:64  scales:12  d:2          weight = d (s - 32) (q - 4) s: 6 bits
//   Q4_K  d:2  dmin:2  scales:12  low4:128           weight = d s q - dmin m     s, m: 6 bits for each 32 weights
//   Q5_K  d:2  dmin:2  scales:12  high1:32  low4:128
//   Q6_K  low4:128  high2:64  scales:16  d:2         weight = d s (q - 32)       s: int8
//
// Two-bit fields: byte l of a 32-byte row holds weights l, l + 32, l + 64 and l + 96 of a half block, lowest bits first.
#include "kernels/dequant/decode.h"
#include "kernels/dequant/k_scales.h"

namespace hasten::decode {

static void Low2(Block bits, int8_t* __restrict q) {
  for (int half = 0; half < 2; ++half)
    for (int j = 0; j < 4; ++j)
      for (int l = 0; l < 32; ++l) q[128 * half + 32 * j + l] = int8_t(bits[32 * half + l] >> (2 * j) & 3);
}

static void Low4(Block bits, int8_t* __restrict q) {
  for (int g = 0; g < 4; ++g) {
    for (int l = 0; l < 32; ++l) q[64 * g + l] = int8_t(bits[32 * g + l] & 15);
    for (int l = 0; l < 32; ++l) q[64 * g + 32 + l] = int8_t(bits[32 * g + l] >> 4);
  }
}

// Bit j of byte l, for weight 32 j + l, has the value `worth`; `bias` is subtracted from each weight.
static void High1(Block bits, int worth, int bias, int8_t* __restrict q) {
  for (int j = 0; j < 8; ++j)
    for (int l = 0; l < 32; ++l) q[32 * j + l] = int8_t(q[32 * j + l] + (bits[l] >> j & 1) * worth - bias);
}

void Q2_K(Block block, const IntegerWeights& out) {
  const float d = LoadHalf(block + 80), dmin = LoadHalf(block + 82);
  for (int r = 0; r < 16; ++r) {
    out.scale[r] = d * float(block[r] & 15);
    out.offset[r] = -(dmin * float(block[r] >> 4));
  }
  Low2(block + 16, out.q);
}

void Q3_K(Block block, const IntegerWeights& out) {
  const uint8_t* packed = block + 96;
  const float d = LoadHalf(block + 108);
  for (int r = 0; r < 16; ++r) {
    const int low = packed[r % 8] >> (r / 8 * 4) & 15, high = packed[8 + r % 4] >> (r / 4 * 2) & 3;
    out.scale[r] = d * float((high << 4 | low) - 32);
    out.offset[r] = 0;
  }
  Low2(block + 32, out.q);
  High1(block, 4, 4, out.q);
}

static void ScalesAndMins(Block block, const IntegerWeights& out) {
  const float d = LoadHalf(block), dmin = LoadHalf(block + 2);
  const KScales k = UnpackKScales(block + 4);
  for (int r = 0; r < 16; ++r) {
    out.scale[r] = d * float(k.scale[r / 2]);
    out.offset[r] = -(dmin * float(k.min[r / 2]));
  }
}

void Q4_K(Block block, const IntegerWeights& out) {
  ScalesAndMins(block, out);
  Low4(block + 16, out.q);
}

void Q5_K(Block block, const IntegerWeights& out) {
  ScalesAndMins(block, out);
  Low4(block + 48, out.q);
  High1(block + 16, 16, 0, out.q);
}

void Q6_K(Block block, const IntegerWeights& out) {
  const float d = LoadHalf(block + 208);
  for (int r = 0; r < 16; ++r) {
    out.scale[r] = d * float(int8_t(block[192 + r]));
    out.offset[r] = 0;
  }
  int8_t* __restrict q = out.q;
  for (int half = 0; half < 2; ++half, q += 128)
    for (int part = 0; part < 2; ++part) {
      Block low = block + 64 * half + 32 * part, high = block + 128 + 32 * half;
      for (int l = 0; l < 32; ++l) {
        q[32 * part + l] = int8_t(((low[l] & 15) | (high[l] >> (2 * part) & 3) << 4) - 32);
        q[32 * part + 64 + l] = int8_t((low[l] >> 4 | (high[l] >> (2 * part + 4) & 3) << 4) - 32);
      }
    }
}

}  // namespace hasten::decode
