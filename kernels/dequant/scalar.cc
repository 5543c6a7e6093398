// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0: 32 weights, one float16 scale and perhaps one float16 minimum.
//
//   Q4_0  d:2  nibbles:16                weight = d (q - 8)       byte j holds weight j (low) and j + 16 (high)
//   Q4_1  d:2  m:2  nibbles:16           weight = d q + m
//   Q5_0  d:2  high:4  nibbles:16        weight = d (q - 16)      bit j of `high` is the fifth bit of weight j
//   Q5_1  d:2  m:2  high:4  nibbles:16   weight = d q + m
//   Q8_0  d:2  int8:32                   weight = d q
#include "kernels/dequant/decode.h"

namespace hasten::decode {

static void SetScales(float scale, float offset, const IntegerWeights& out) {
  out.scale[0] = out.scale[1] = scale;
  out.offset[0] = out.offset[1] = offset;
}

static void Nibbles(Block nibbles, int bias, int8_t* __restrict q) {
  for (int j = 0; j < 16; ++j) q[j] = int8_t((nibbles[j] & 15) - bias);
  for (int j = 0; j < 16; ++j) q[j + 16] = int8_t((nibbles[j] >> 4) - bias);
}

static void FifthBits(Block high, int8_t* __restrict q) {
  for (int j = 0; j < 32; ++j) q[j] = int8_t(q[j] + ((high[j / 8] >> (j % 8) & 1) << 4));
}

void Q4_0(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block), 0, out);
  Nibbles(block + 2, 8, out.q);
}

void Q4_1(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block), LoadHalf(block + 2), out);
  Nibbles(block + 4, 0, out.q);
}

void Q5_0(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block), 0, out);
  Nibbles(block + 6, 16, out.q);
  FifthBits(block + 2, out.q);
}

void Q5_1(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block), LoadHalf(block + 2), out);
  Nibbles(block + 8, 0, out.q);
  FifthBits(block + 4, out.q);
}

void Q8_0(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block), 0, out);
  std::memcpy(out.q, block + 2, 32);
}

}  // namespace hasten::decode
