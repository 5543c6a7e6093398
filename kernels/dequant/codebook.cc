// IQ4_NL, IQ4_XS, MXFP4 and IQ3_S: weights are looked up in a table (codebooks.h) and scaled.
//
//   IQ4_NL  d:2  nibbles:16                          32 weights; nibbles as in Q4_0
//   MXFP4   e:1  nibbles:16                          32 weights; scale 2^(e - 128), half of E8M0 as the table is doubled
//   IQ4_XS  d:2  high:2  low:4  nibbles:128          256 weights; scale d (s - 32), s of 6 bits for each 32 weights
//   IQ3_S   d:2  index:64  ninth:8  signs:32  scales:4   256 weights; scale d (1 + 2 s), s of 4 bits for each 32 weights;
//           nine bits choose a point of four magnitudes, one bit a weight its sign
#include "kernels/dequant/codebooks.h"
#include "kernels/dequant/decode.h"

namespace hasten::decode {

static void LookUp(Block nibbles, const std::array<int8_t, 16>& table, int8_t* __restrict q) {
  for (int j = 0; j < 16; ++j) q[j] = table[nibbles[j] & 15];
  for (int j = 0; j < 16; ++j) q[j + 16] = table[nibbles[j] >> 4];
}

// Two runs of 16 share `scale`.
static void SetScale(float scale, int group, const IntegerWeights& out) {
  out.scale[2 * group] = out.scale[2 * group + 1] = scale;
  out.offset[2 * group] = out.offset[2 * group + 1] = 0;
}

void IQ4_NL(Block block, const IntegerWeights& out) {
  SetScale(LoadHalf(block), 0, out);
  LookUp(block + 2, kIq4Values, out.q);
}

void MXFP4(Block block, const IntegerWeights& out) {
  // 2^(e - 128): e = 0 and 1 are float32 subnormals, which FloatFromE8m0 / 2 gives exactly; 255 is a NaN to OCP, yet ggml
  // reads it as 2^127, and so do we.
  const uint8_t e = block[0];
  SetScale(e == 255 ? 0x1p127f : 0.5f * FloatFromE8m0(e), 0, out);
  LookUp(block + 1, kFp4Doubled, out.q);
}

void IQ4_XS(Block block, const IntegerWeights& out) {
  const float d = LoadHalf(block);
  const int high = LoadU16(block + 2);
  for (int g = 0; g < 8; ++g) {
    const int s = (block[4 + g / 2] >> (g % 2 * 4) & 15) | (high >> (2 * g) & 3) << 4;
    SetScale(d * float(s - 32), g, out);
    LookUp(block + 8 + 16 * g, kIq4Values, out.q + 32 * g);
  }
}

void IQ3_S(Block block, const IntegerWeights& out) {
  Block index = block + 2, ninth = block + 66, signs = block + 74, scales = block + 106;
  const float d = LoadHalf(block);
  for (int g = 0; g < 8; ++g) SetScale(d * float(1 + 2 * (scales[g / 2] >> (g % 2 * 4) & 15)), g, out);
  for (int p = 0; p < 64; ++p) {
    const Iq3Point& point = kIq3Points[size_t(index[p] | (ninth[p / 8] >> (p % 8) & 1) << 8)];
    const int sign = signs[p / 2] >> (p % 2 * 4);
    for (int j = 0; j < 4; ++j) out.q[4 * p + j] = (sign >> j & 1) ? int8_t(-point[j]) : point[j];
  }
}

}  // namespace hasten::decode
