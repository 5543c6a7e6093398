#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/matmul/layout.h"
#include "kernels/matmul/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,avxvnni")

namespace hasten::avxvnni {

#include "kernels/matmul/simd256.inl"

struct Simd : Simd256 {
  static constexpr bool kSignedWide = false;
  template <bool kWide>
  static I Dot(I sum, B line, Q four) {
    return {_mm256_dpbusd_avx_epi32(sum.lo, line.lo, four), _mm256_dpbusd_avx_epi32(sum.hi, line.hi, four)};
  }
};

#include "kernels/matmul/tile.inl"

void MatMulInt(const MatMulIntArgs& a) {
  WithFormat(a.w.format(), [&]<class Format>() { Panels<Format>(a); });
}

}  // namespace hasten::avxvnni

#pragma GCC pop_options
#endif
