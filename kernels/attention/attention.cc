#include "kernels/attention/attention.h"

#include <algorithm>
#include <limits>

#include "base/half.h"
#include "kernels/attention/layout.h"
#include "kernels/math/math.h"

namespace hasten {

size_t AttendScratchFloats(size_t width) { return AttendLayout(width).floats; }

static float Element(const std::byte* head, KvType type, size_t i) {
  if (type == KvType::kF32) return reinterpret_cast<const float*>(head)[i];
  const uint16_t bits = reinterpret_cast<const uint16_t*>(head)[i];
  return type == KvType::kF16 ? FloatFromHalf(bits) : FloatFromBf16(bits);
}

// One query; sums over what it has seen, relative to the greatest score so far.
static void AttendOne(const AttendArgs& a, const AttendQuery& query) {
  float peak = std::numeric_limits<float>::lowest(), sum = 0;
  std::fill_n(query.out, a.width, 0.0f);
  const auto rescale = [&](float score) {
    if (score <= peak) return;
    const float shrink = ScalarExp(peak - score);
    peak = score;
    sum *= shrink;
    for (size_t d = 0; d < a.width; ++d) query.out[d] *= shrink;
  };
  for (size_t p = query.first; p <= query.last; ++p) {
    const std::byte* head = a.base + size_t(query.blocks[p / kKvBlock]) * a.block_bytes;
    const size_t slot = p % kKvBlock, values = (kKvBlock + slot) * a.width;
    float score = 0;
    for (size_t d = 0; d < a.width; ++d) score += query.q[d] * Element(head, a.type, d * kKvBlock + slot);
    score *= a.scale;
    if (a.softcap > 0) score = a.softcap * ScalarTanh(score / a.softcap);
    rescale(score);
    const float weight = ScalarExp(score - peak);
    sum += weight;
    for (size_t d = 0; d < a.width; ++d) query.out[d] += weight * Element(head, a.type, values + d);
  }
  if (a.sinks) {
    rescale(query.sink);
    sum += ScalarExp(query.sink - peak);
  }
  for (size_t d = 0; d < a.width; ++d) query.out[d] /= sum;
}

static void AttendRef(const AttendArgs& a) {
  for (const AttendQuery& query : a.queries) AttendOne(a, query);
}

#if HASTEN_SIMD && defined(__x86_64__)
namespace avx512 {
AttendFn AttendAvx512;
}
namespace avx2 {
AttendFn AttendAvx2;
}
#elif HASTEN_SIMD && defined(__aarch64__)
namespace neon {
AttendFn AttendNeon;
}
#endif

static constexpr Variant<AttendFn> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx512, avx512::AttendAvx512},
    {"avx2", kCpuAvx2, avx2::AttendAvx2},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::AttendNeon},
#endif
    {"ref", 0, AttendRef}};
std::span<const Variant<AttendFn>> AttendVariants() { return kVariants; }

}  // namespace hasten
