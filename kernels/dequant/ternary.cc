// TQ1_0 and TQ2_0: 256 weights of -1, 0 or 1 times one float16.
//
//   TQ1_0  fives:48  fours:4  d:2   A byte is a fraction in 1/256 whose first five base-3 digits are five weights:
//                                   multiplying by 3 moves the next digit above the point. Bytes 0-31 hold weights l + 32 n,
//                                   bytes 32-47 weights 160 + l + 16 n, the last four bytes 240 + l + 4 n (four digits).
//   TQ2_0  twos:64  d:2             as the two-bit fields of Q2_K; a field of 3 means 2
#include "kernels/dequant/decode.h"

namespace hasten::decode {

static void SetScales(float scale, const IntegerWeights& out) {
  for (int r = 0; r < 16; ++r) {
    out.scale[r] = scale;
    out.offset[r] = 0;
  }
}

// `digits` base-3 digits of each of `width` bytes; digit n of byte l is weight width * n + l.
static void Trits(Block bytes, int width, int digits, int8_t* __restrict q) {
  for (int l = 0; l < width; ++l) {
    uint8_t rest = bytes[l];
    for (int n = 0; n < digits; ++n) {
      const int times3 = rest * 3;
      q[width * n + l] = int8_t((times3 >> 8) - 1);
      rest = uint8_t(times3);
    }
  }
}

void TQ1_0(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block + 52), out);
  Trits(block, 32, 5, out.q);
  Trits(block + 32, 16, 5, out.q + 160);
  Trits(block + 48, 4, 4, out.q + 240);
}

void TQ2_0(Block block, const IntegerWeights& out) {
  SetScales(LoadHalf(block + 64), out);
  int8_t* __restrict q = out.q;
  for (int half = 0; half < 2; ++half)
    for (int j = 0; j < 4; ++j)
      for (int l = 0; l < 32; ++l) q[128 * half + 32 * j + l] = int8_t((block[32 * half + l] >> (2 * j) & 3) - 1);
}

}  // namespace hasten::decode
