#include "kernels/attention/attention.h"

#include <algorithm>
#include <limits>

#include "base/half.h"
#include "kernels/attention/layout.h"
#include "kernels/math/math.h"

namespace hasten {

size_t AttendScratchFloats(size_t width) { return AttendLayout(width).floats; }

// A head's keys and values one by one.
struct Numbers {
  const std::byte* head;
  KvType type;
  size_t width;

  float Whole(size_t i) const {
    const std::byte* numbers = head + kKvScaleBytes;
    return type == KvType::kI16 ? reinterpret_cast<const int16_t*>(numbers)[i] : reinterpret_cast<const int8_t*>(numbers)[i];
  }
  float Float(size_t i) const {
    if (type == KvType::kF32) return reinterpret_cast<const float*>(head)[i];
    const uint16_t bits = reinterpret_cast<const uint16_t*>(head)[i];
    return type == KvType::kF16 ? FloatFromHalf(bits) : FloatFromBf16(bits);
  }
  float Key(size_t slot, size_t d) const {
    if (!KvIsFixed(type)) return Float(d * kKvBlock + slot);
    return Whole(d / 2 * 2 * kKvBlock + slot * 2 + d % 2) * reinterpret_cast<const float*>(head)[slot];
  }
  float Value(size_t slot, size_t d) const {
    if (!KvIsFixed(type)) return Float((kKvBlock + slot) * width + d);
    const size_t keys = (width + 1) / 2 * 2 * kKvBlock;
    return Whole(keys + slot / 2 * 2 * width + 2 * d + slot % 2) * reinterpret_cast<const float*>(head)[kKvBlock + slot];
  }
};

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
    const Numbers numbers = {a.base + size_t(query.blocks[p / kKvBlock]) * a.block_bytes, a.type, a.width};
    const size_t slot = p % kKvBlock;
    float score = 0;
    for (size_t d = 0; d < a.width; ++d) score += query.q[d] * numbers.Key(slot, d);
    score *= a.scale;
    if (a.softcap > 0) score = a.softcap * ScalarTanh(score / a.softcap);
    rescale(score);
    const float weight = ScalarExp(score - peak);
    sum += weight;
    for (size_t d = 0; d < a.width; ++d) query.out[d] += weight * numbers.Value(slot, d);
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
