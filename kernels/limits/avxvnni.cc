#include <cstring>

#include "kernels/limits/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avxvnni,avx2,fma,f16c")

namespace hasten::avxvnni {

#include "kernels/limits/loops.inl"
#include "kernels/limits/simd256.inl"

struct Int8Ops : Int8Factors {
  static Sum MultiplyAdd(Sum s, __m256i a, __m256i b) { return _mm256_dpbusd_avx_epi32(s, a, b); }
};

PeakWork Int8Peak(size_t rounds) { return PeakLoop<Int8Ops>(rounds); }

}  // namespace hasten::avxvnni
#pragma GCC pop_options
#endif
