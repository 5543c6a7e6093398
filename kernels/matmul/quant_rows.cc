#include "kernels/matmul/quant_rows.h"

#include <cmath>

#include "kernels/matmul/variants.h"

namespace hasten {

static constexpr size_t Lines(size_t bytes) { return (bytes + 63) / 64 * 64; }

size_t QuantRowsBytes(size_t n, size_t cols) {
  const size_t entries = n * (cols / kQuantBlock);
  return Lines(entries * 32) + 5 * Lines(entries * 4) + 3 * Lines(entries * 8);
}

QuantRows QuantRowsIn(void* memory, size_t n, size_t cols) {
  const size_t entries = n * (cols / kQuantBlock);
  std::byte* at = static_cast<std::byte*>(memory);
  const auto take = [&]<class T>(T*& array, size_t bytes) {
    array = reinterpret_cast<T*>(at);
    at += Lines(bytes);
  };
  QuantRows x{};
  take(x.q, entries * 32);
  take(x.scale, entries * 4);
  take(x.minus_magic, entries * 4);
  take(x.scaled_sum, entries * 4);
  take(x.scaled_halves, entries * 8);
  take(x.start8, entries * 4);
  take(x.start128, entries * 4);
  take(x.start32_halves, entries * 8);
  take(x.start128_halves, entries * 8);
  x.n = n;
  x.cols = cols;
  return x;
}

QuantRows OfBlocks(const QuantRows& tile, Range blocks) {
  const size_t e = tile.entry(blocks.begin, 0);
  QuantRows part = tile;
  part.q += e * kQuantBlock;
  for (float** floats : {&part.scale, &part.minus_magic, &part.scaled_sum}) *floats += e;
  for (int32_t** starts : {&part.start8, &part.start128}) *starts += e;
  for (int32_t** starts : {&part.start32_halves, &part.start128_halves}) *starts += 2 * e;
  part.scaled_halves += 2 * e;
  part.cols = blocks.size() * kQuantBlock;
  return part;
}

static void QuantizeRowsRef(const QuantizeRowsArgs& a) {
  const QuantRows& out = a.out;
  for (size_t i = a.rows.begin; i < a.rows.end; ++i)
    for (size_t b = 0; b < out.blocks(); ++b) {
      const float* x = a.x + i * a.stride + b * kQuantBlock;
      const size_t e = out.entry(b, i);
      float amax = 0;
      for (size_t c = 0; c < kQuantBlock; ++c) amax = std::fabs(x[c]) > amax || std::isnan(x[c]) ? std::fabs(x[c]) : amax;
      const QuantScale scale(amax);
      int32_t halves[2] = {0, 0};
      for (size_t c = 0; c < kQuantBlock; ++c) {
        const float rounded = std::nearbyintf(std::fmin(std::fmax(x[c] * scale.inverse, -127.0f), 127.0f));
        const int8_t q = scale.inverse > 0 ? int8_t(rounded) : int8_t(0);
        out.q[e * kQuantBlock + c] = q;
        halves[c / 16] += q;
      }
      FinishQuantBlock(out, e, scale.scale, halves);
    }
}

static constexpr Variant<QuantizeRowsFn> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx2 | kCpuAvx512, avx512::QuantizeRows},
    {"avx2", kCpuAvx2, avx2::QuantizeRows},
#endif
    {"ref", 0, QuantizeRowsRef}};

std::span<const Variant<QuantizeRowsFn>> QuantizeRowsVariants() { return kVariants; }
void QuantizeRows(const QuantizeRowsArgs& args) { Pick<QuantizeRowsFn>(kVariants)(args); }

}  // namespace hasten
