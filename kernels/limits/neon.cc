#include <cstring>

#include "kernels/limits/variants.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {

#include "kernels/limits/loops.inl"

struct ReadOps {
  using V = uint64x2_t;
  static constexpr size_t kBytes = 16;
  static V ZeroV() { return vdupq_n_u64(0); }
  static V Load(const std::byte* p) { return vld1q_u64(reinterpret_cast<const uint64_t*>(p)); }
  static V Xor(V a, V b) { return veorq_u64(a, b); }
};

// Two widening products and a pairwise addition where the dot-product instruction does it all.
struct Int8Ops {
  using Sum = int32x4_t;
  using Element = int32_t;
  static constexpr size_t kSums = 12, kMultiplyAdds = 16;
  static Sum Zero() { return vdupq_n_s32(0); }
  static int8x16_t A() { return vdupq_n_s8(3); }
  static int8x16_t B() { return vdupq_n_s8(2); }
  template <class T>
  static T Hidden(T v) {
    asm volatile("" : "+w"(v));
    return v;
  }
  static Sum MultiplyAdd(Sum s, int8x16_t a, int8x16_t b) {
    a = Hidden(a);  // each product anew
    const int16x8_t low = vmull_s8(vget_low_s8(a), vget_low_s8(b));
    return vpadalq_s16(s, vmlal_high_s8(low, a, b));
  }
};

struct FloatOps {
  using Sum = float32x4_t;
  using Element = float;
  static constexpr size_t kSums = 12, kMultiplyAdds = 4;
  static Sum Zero() { return vdupq_n_f32(0); }
  static float32x4_t A() { return vdupq_n_f32(3); }
  static float32x4_t B() { return vdupq_n_f32(0.5f); }
  template <class T>
  static T Hidden(T v) {
    asm volatile("" : "+w"(v));
    return v;
  }
  static Sum MultiplyAdd(Sum s, float32x4_t a, float32x4_t b) { return vfmaq_f32(s, a, b); }
};

uint64_t ReadAll(const std::byte* data, size_t bytes) { return ReadLoop<ReadOps>(data, bytes); }
PeakWork Int8Peak(size_t rounds) { return PeakLoop<Int8Ops>(rounds); }
PeakWork FloatPeak(size_t rounds) { return PeakLoop<FloatOps>(rounds); }

}  // namespace hasten::neon
#endif
