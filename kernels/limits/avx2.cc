#include <cstring>

#include "kernels/limits/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")

namespace hasten::avx2 {

#include "kernels/limits/loops.inl"
#include "kernels/limits/simd256.inl"

struct ReadOps {
  using V = __m256i;
  static constexpr size_t kBytes = 32;
  static V ZeroV() { return _mm256_setzero_si256(); }
  static V Load(const std::byte* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }
  static V Xor(V a, V b) { return _mm256_xor_si256(a, b); }
};

// Three instructions where VNNI has one: pairs to 16 bits, pairs of those to 32, and the addition.
struct Int8Ops : Int8Factors {
  static constexpr size_t kSums = 4;  // the chain is one addition
  static Sum MultiplyAdd(Sum s, __m256i a, __m256i b) {
    a = Hidden(a);  // each product anew: the compiler would else compute this one once for all sums
    return _mm256_add_epi32(s, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)));
  }
};

struct FloatOps {
  using Sum = __m256;
  using Element = float;
  static constexpr size_t kSums = 10, kMultiplyAdds = 8;
  static Sum Zero() { return _mm256_setzero_ps(); }
  static __m256 A() { return _mm256_set1_ps(3); }
  static __m256 B() { return _mm256_set1_ps(0.5f); }
  template <class T>
  static T Hidden(T v) {
    asm volatile("" : "+x"(v));
    return v;
  }
  static Sum MultiplyAdd(Sum s, __m256 a, __m256 b) { return _mm256_fmadd_ps(a, b, s); }
};

uint64_t ReadAll(const std::byte* data, size_t bytes) { return ReadLoop<ReadOps>(data, bytes); }
PeakWork Int8Peak(size_t rounds) { return PeakLoop<Int8Ops>(rounds); }
PeakWork FloatPeak(size_t rounds) { return PeakLoop<FloatOps>(rounds); }

}  // namespace hasten::avx2
#pragma GCC pop_options
#endif
