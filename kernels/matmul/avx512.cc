#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/matmul/layout.h"
#include "kernels/matmul/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593: its own AVX-512 headers trip it
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")

namespace hasten::avx512 {

#include "kernels/matmul/simd512.inl"

#include "kernels/matmul/float_tile.inl"
#include "kernels/matmul/tile.inl"

void MatMulInt(const MatMulIntArgs& a) {
  WithFormat(a.w.format(), [&]<class Format>() { Panels<Format>(a); });
}

void QuantizeRows(const QuantizeRowsArgs& a) {
  const __m512 sign = _mm512_set1_ps(-0.0f);
  for (size_t i = a.rows.begin; i < a.rows.end; ++i)
    for (size_t b = 0; b < a.out.blocks(); ++b) {
      const float* x = a.x + i * a.stride + b * kQuantBlock;
      const __m512 x0 = _mm512_loadu_ps(x), x1 = _mm512_loadu_ps(x + 16);
      const __m512 a0 = _mm512_andnot_ps(sign, x0), a1 = _mm512_andnot_ps(sign, x1);
      // max_ps drops a NaN in its first operand, so NaNs are looked for by themselves.
      const bool nan = _mm512_cmp_ps_mask(x0, x1, _CMP_UNORD_Q) != 0;
      const float amax = nan ? __builtin_nanf("") : _mm512_reduce_max_ps(_mm512_max_ps(a0, a1));
      const QuantScale scale(amax);
      const __m512 inverse = _mm512_set1_ps(scale.inverse);
      const __mmask16 keep = scale.inverse > 0 ? 0xffff : 0;
      const __m512i q0 = _mm512_maskz_cvtps_epi32(keep, _mm512_mul_ps(x0, inverse));
      const __m512i q1 = _mm512_maskz_cvtps_epi32(keep, _mm512_mul_ps(x1, inverse));
      const size_t e = a.out.entry(b, i);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(a.out.q + e * kQuantBlock), _mm512_cvtsepi32_epi8(q0));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(a.out.q + e * kQuantBlock + 16), _mm512_cvtsepi32_epi8(q1));
      const int32_t halves[2] = {_mm512_reduce_add_epi32(q0), _mm512_reduce_add_epi32(q1)};
      FinishQuantBlock(a.out, e, scale.scale, halves);
    }
}

}  // namespace hasten::avx512

#pragma GCC pop_options
#endif
