// The per-ISA entry points behind the tables of quant_rows.cc and matmul.cc. Included by those and by the ISA files only.
#pragma once

#include <bit>

#include "kernels/matmul/matmul.h"

namespace hasten {

// A block's scale from its largest magnitude, the same way in every variant. inverse is 0 where the block counts as zero
// or is not finite; its q are then all 0.
struct QuantScale {
  float scale = 0, inverse = 0;
  explicit QuantScale(float amax) {
    if (!(amax <= 3.4028234664e38f)) {
      scale = __builtin_nanf("");
    } else if (amax >= 1e-30f) {
      scale = std::bit_cast<float>(std::bit_cast<uint32_t>(amax / 127.0f) & ~3u);  // 22 bits: see kMagic
      inverse = 127.0f / amax;
    }
  }
};

// The derived arrays of entry e.
inline void FinishQuantBlock(const QuantRows& out, size_t e, float scale, const int32_t halves[2]) {
  const int32_t sum = halves[0] + halves[1];
  out.scale[e] = scale;
  out.minus_magic[e] = -kMagic * scale;
  out.scaled_sum[e] = scale * float(sum);
  out.start8[e] = kMagicBits - 8 * sum;
  out.start128[e] = kMagicBits - 128 * sum;
  for (size_t h = 0; h < 2; ++h) {
    out.scaled_halves[2 * e + h] = scale * float(halves[h]);
    out.start32_halves[2 * e + h] = kMagicBits - 32 * halves[h];
    out.start128_halves[2 * e + h] = kMagicBits - 128 * halves[h];
  }
}

#if defined(__x86_64__)
namespace amx {
MatMulIntFn MatMulInt;
}
namespace avx512 {
QuantizeRowsFn QuantizeRows;
MatMulIntFn MatMulInt;
MatMulFloatFn MatMulFloat;
}  // namespace avx512
namespace avxvnni {
MatMulIntFn MatMulInt;
}
namespace avx2 {
QuantizeRowsFn QuantizeRows;
MatMulIntFn MatMulInt;
MatMulFloatFn MatMulFloat;
}  // namespace avx2
#elif defined(__aarch64__)
namespace neon {
MatMulIntFn MatMulInt;
MatMulFloatFn MatMulFloat;
}  // namespace neon
namespace neon_dot {
MatMulIntFn MatMulInt;
}
#endif

}  // namespace hasten
