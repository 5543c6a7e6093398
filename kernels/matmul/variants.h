// The per-ISA entry points behind the tables of quant_rows.cc and matmul.cc. Included by those and by the ISA files only.
#pragma once

#include "kernels/matmul/matmul.h"

namespace hasten {

// The derived arrays of entry e, the same way in every variant.
inline void FinishQuantBlock(const QuantRows& out, size_t e, float scale, const int32_t halves[2]) {
  out.scale[e] = scale;
  out.minus_sum[e] = -(halves[0] + halves[1]);
  out.scaled_sum[e] = scale * float(halves[0] + halves[1]);
  for (size_t h = 0; h < 2; ++h) {
    out.minus_halves[2 * e + h] = -halves[h];
    out.scaled_halves[2 * e + h] = scale * float(halves[h]);
  }
}

#if defined(__x86_64__)
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
