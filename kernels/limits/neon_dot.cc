#include <cstring>

#include "kernels/limits/variants.h"

#if HASTEN_SIMD && defined(__aarch64__)
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")
#include <arm_neon.h>

namespace hasten::neon_dot {

#include "kernels/limits/loops.inl"

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
  static Sum MultiplyAdd(Sum s, int8x16_t a, int8x16_t b) { return vdotq_s32(s, a, b); }
};

PeakWork Int8Peak(size_t rounds) { return PeakLoop<Int8Ops>(rounds); }

}  // namespace hasten::neon_dot
#pragma GCC pop_options
#endif
