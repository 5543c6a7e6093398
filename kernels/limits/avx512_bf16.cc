#include <cstring>

#include "kernels/limits/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma,f16c")

namespace hasten::avx512_bf16 {

#include "kernels/limits/loops.inl"

struct Bf16Ops {
  using Sum = __m512;
  using Element = float;
  static constexpr size_t kSums = 12, kMultiplyAdds = 32;
  static Sum Zero() { return _mm512_setzero_ps(); }
  static __m512i A() { return _mm512_set1_epi16(0x4040); }  // 3
  static __m512i B() { return _mm512_set1_epi16(0x3f00); }  // 1/2
  template <class T>
  static T Hidden(T v) {
    asm volatile("" : "+v"(v));
    return v;
  }
  static Sum MultiplyAdd(Sum s, __m512i a, __m512i b) { return _mm512_dpbf16_ps(s, __m512bh(a), __m512bh(b)); }
};

PeakWork Bf16Peak(size_t rounds) { return PeakLoop<Bf16Ops>(rounds); }

}  // namespace hasten::avx512_bf16
#pragma GCC pop_options
#endif
