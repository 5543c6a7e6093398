// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0: 32 weights, one float16 scale and perhaps one float16 minimum.
//
//   Q4_0  d:2  nibbles:16                weight = d (q - 8)       byte j holds weight j (low) and j + 16 (high)
//   Q4_1  d:2  m:2  nibbles:16           weight = d q + m
//   Q5_0  d:2  high:4  nibbles:16        weight = d (q - 16)      bit j of `high` is the fifth bit of weight j
//   Q5_1  d:2  m:2  high:4  nibbles:16   weight = d q + m
//   Q8_0  d:2  int8:32                   weight = d q
#include <bit>

#include "kernels/dequant/decode.h"

namespace hasten::decode {

static_assert(std::endian::native == std::endian::little, "FifthBits takes a word's first byte for its lowest");

static void SetScales(float scale, float offset, const IntegerWeights& out) {
  out.scale[0] = out.scale[1] = scale;
  out.offset[0] = out.offset[1] = offset;
}

static void Nibbles(Block nibbles, int bias, int8_t* __restrict q) {
  for (int j = 0; j < 16; ++j) q[j] = int8_t((nibbles[j] & 15) - bias);
  for (int j = 0; j < 16; ++j) q[j + 16] = int8_t((nibbles[j] >> 4) - bias);
}

// Adds 16 to the weights whose bits in `high` are set, and subtracts `bias` from all: eight weights at a time, as bytes of a
// word. A byte of the word is the bit alone, so adding 127 carries it, and nothing else, into the byte's top bit.
static void FifthBits(Block high, int bias, int8_t* __restrict q) {
  for (int b = 0; b < 4; ++b) {
    const uint64_t alone = high[b] * uint64_t{0x0101010101010101} & 0x8040201008040201;
    const uint64_t sixteens = (alone + 0x7f7f7f7f7f7f7f7f) >> 3 & 0x1010101010101010;
    uint64_t eight;
    std::memcpy(&eight, q + 8 * b, 8);
    eight |= sixteens;
    std::memcpy(q + 8 * b, &eight, 8);
  }
  for (int j = 0; j < 32; ++j) q[j] = int8_t(q[j] - bias);
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
  Nibbles(block + 6, 0, out.q);
  FifthBits(block + 2, 16, out.q);
}

void Q5_1(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block), LoadHalf(block + 2), out);
  Nibbles(block + 8, 0, out.q);
  FifthBits(block + 4, 0, out.q);
}

void Q8_0(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block), 0, out);
  std::memcpy(out.q, block + 2, 32);
}

}  // namespace hasten::decode
