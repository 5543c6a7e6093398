// TQ1_0 and TQ2_0: for models trained to have weights of -d, 0 and d, so d is the largest magnitude. Layouts:
// kernels/dequant/ternary.cc.
#include <cmath>

#include "kernels/quantize/encode.h"
#include "kernels/quantize/pack.h"

namespace hasten::encode {

// 256 codes 0, 1, 2 for -d, 0, d; returns d.
static float Trits(const float* values, uint8_t* codes) {
  float top = 0;
  for (int i = 0; i < 256; ++i) top = std::max(top, std::abs(Cleaned(values[i])));
  const float d = OnHalfGrid(top);
  for (int i = 0; i < 256; ++i) {
    const float v = Cleaned(values[i]);
    codes[i] = d > 0 && v > 0.5f * d ? 2 : d > 0 && v < -0.5f * d ? 0 : 1;
  }
  return d;
}

// `digits` codes of each of `width` bytes, the first most significant, as a fraction of 256 rounded up, so that reading
// the digits by multiplying never falls short of one.
static void PutDigits(const uint8_t* codes, int width, int digits, uint8_t* out) {
  for (int l = 0; l < width; ++l) {
    int number = 0;
    for (int n = 0; n < 5; ++n) number = 3 * number + (n < digits ? codes[width * n + l] : 0);
    out[l] = uint8_t((number * 256 + 242) / 243);
  }
}

void TQ1_0(const float* values, size_t runs, uint8_t* blocks) {
  uint8_t codes[256];
  for (size_t b = 0; b < runs; ++b, blocks += 54) {
    PutHalf(Trits(values + 256 * b, codes), blocks + 52);
    PutDigits(codes, 32, 5, blocks);
    PutDigits(codes + 160, 16, 5, blocks + 32);
    PutDigits(codes + 240, 4, 4, blocks + 48);
  }
}

void TQ2_0(const float* values, size_t runs, uint8_t* blocks) {
  uint8_t codes[256];
  for (size_t b = 0; b < runs; ++b, blocks += 66) {
    PutHalf(Trits(values + 256 * b, codes), blocks + 64);
    PutLow2(codes, blocks);
  }
}

}  // namespace hasten::encode
