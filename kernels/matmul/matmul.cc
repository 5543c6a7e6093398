#include "kernels/matmul/matmul.h"

#include <cstring>

#include "base/half.h"
#include "kernels/matmul/unpack.h"
#include "kernels/matmul/variants.h"

namespace hasten {

static void StoreOne(const MatMulOut& out, size_t i, size_t row, float sum) {
  float& y = out.y[i * out.stride + row];
  y = out.store == Store::kAdd ? y + sum : sum;
}

static Range RowsOf(const PackedMatrix& w, Range panels) {
  return {panels.begin * kPanelRows, std::min(w.rows(), panels.end * kPanelRows)};
}

static void MatMulIntRef(const MatMulIntArgs& a) {
  const QuantRows& x = a.x;
  const Range out_rows = RowsOf(a.w, a.panels);
  for (size_t r = out_rows.begin; r < out_rows.end; ++r)
    for (size_t i = a.rows.begin; i < a.rows.end; ++i) {
      float sum = 0;
      for (size_t b = 0; b < x.blocks(); ++b) {
        const WeightBlock w = UnpackBlock(a.w, r, b);
        const size_t e = x.entry(b, i);
        for (size_t h = 0; h < 2; ++h) {
          int32_t dot = 0;
          for (size_t c = 16 * h; c < 16 * h + 16; ++c) dot += int32_t(w.q[c]) * x.q[e * kQuantBlock + c];
          sum += w.scale[h] * (x.scale[e] * float(dot)) - w.minimum[h] * x.scaled_halves[2 * e + h];
        }
      }
      StoreOne(a.out, i, r, sum);
    }
}

static void MatMulFloatRef(const MatMulFloatArgs& a) {
  const Range out_rows = RowsOf(a.w, a.panels);
  const size_t cols = a.w.cols();
  for (size_t r = out_rows.begin; r < out_rows.end; ++r) {
    const std::byte* panel = a.w.group(r / kPanelRows);
    const auto weight = [&](size_t c) {
      const size_t at = c * kPanelRows + r % kPanelRows;
      float f;
      uint16_t h;
      if (a.w.format() == PackedFormat::kF32) return std::memcpy(&f, panel + at * 4, 4), f;
      std::memcpy(&h, panel + at * 2, 2);
      return a.w.format() == PackedFormat::kF16 ? FloatFromHalf(h) : FloatFromBf16(h);
    };
    for (size_t i = a.rows.begin; i < a.rows.end; ++i) {
      const float* x = a.x + i * a.x_stride;
      float sums[4] = {};  // four interleaved sums: less rounding than one, and what the SIMD variants do
      for (size_t c = 0; c < cols; ++c) sums[c % 4] += weight(c) * x[c];
      StoreOne(a.out, i, r, (sums[0] + sums[1]) + (sums[2] + sums[3]));
    }
  }
}

static constexpr Variant<MatMulIntFn> kIntVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"amx", kCpuAvx2 | kCpuAvx512 | kCpuAmx, amx::MatMulInt},
    {"avx512", kCpuAvx2 | kCpuAvx512, avx512::MatMulInt},
    {"avxvnni", kCpuAvx2 | kCpuAvxVnni, avxvnni::MatMulInt},
    {"avx2", kCpuAvx2, avx2::MatMulInt},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon_dot", kCpuNeon | kCpuNeonDot, neon_dot::MatMulInt},
    {"neon", kCpuNeon, neon::MatMulInt},
#endif
    {"ref", 0, MatMulIntRef}};

static constexpr Variant<MatMulFloatFn> kFloatVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx2 | kCpuAvx512, avx512::MatMulFloat},
    {"avx2", kCpuAvx2, avx2::MatMulFloat},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::MatMulFloat},
#endif
    {"ref", 0, MatMulFloatRef}};

std::span<const Variant<MatMulIntFn>> MatMulIntVariants() { return kIntVariants; }
std::span<const Variant<MatMulFloatFn>> MatMulFloatVariants() { return kFloatVariants; }
void MatMulInt(const MatMulIntArgs& args) { Pick<MatMulIntFn>(kIntVariants)(args); }
void MatMulFloat(const MatMulFloatArgs& args) { Pick<MatMulFloatFn>(kFloatVariants)(args); }

}  // namespace hasten
