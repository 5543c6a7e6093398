#include <cstring>

#include "kernels/limits/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")

namespace hasten::avx512 {

#include "kernels/limits/loops.inl"

struct ReadOps {
  using V = __m512i;
  static constexpr size_t kBytes = 64;
  static V ZeroV() { return _mm512_setzero_si512(); }
  static V Load(const std::byte* p) { return _mm512_load_si512(p); }
  static V Xor(V a, V b) { return _mm512_xor_si512(a, b); }
};

struct Int8Ops {
  using Sum = __m512i;
  using Element = int32_t;
  static constexpr size_t kSums = 12, kMultiplyAdds = 64;
  static Sum Zero() { return _mm512_setzero_si512(); }
  static __m512i A() { return _mm512_set1_epi8(3); }
  static __m512i B() { return _mm512_set1_epi8(2); }
  template <class T>
  static T Hidden(T v) {
    asm volatile("" : "+v"(v));
    return v;
  }
  static Sum MultiplyAdd(Sum s, __m512i a, __m512i b) { return _mm512_dpbusd_epi32(s, a, b); }
};

struct FloatOps {
  using Sum = __m512;
  using Element = float;
  static constexpr size_t kSums = 12, kMultiplyAdds = 16;
  static Sum Zero() { return _mm512_setzero_ps(); }
  static __m512 A() { return _mm512_set1_ps(3); }
  static __m512 B() { return _mm512_set1_ps(0.5f); }
  template <class T>
  static T Hidden(T v) {
    asm volatile("" : "+v"(v));
    return v;
  }
  static Sum MultiplyAdd(Sum s, __m512 a, __m512 b) { return _mm512_fmadd_ps(a, b, s); }
};

uint64_t ReadAll(const std::byte* data, size_t bytes) { return ReadLoop<ReadOps>(data, bytes); }
PeakWork Int8Peak(size_t rounds) { return PeakLoop<Int8Ops>(rounds); }
PeakWork FloatPeak(size_t rounds) { return PeakLoop<FloatOps>(rounds); }

}  // namespace hasten::avx512
#pragma GCC pop_options
#endif
