#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/matmul/layout.h"
#include "kernels/matmul/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")

namespace hasten::avx2 {

#include "kernels/matmul/simd256.inl"

struct Simd : Simd256 {
  // maddubs adds two products in 16 bits. Values up to 63 times 127 fit twice; wide ones go as signed bytes: |w| times the
  // activation with w's sign, at most 2 * 128 * 127 = 32512.
  template <bool kWide>
  static __m256i DotHalf(__m256i sum, __m256i line, __m256i four) {
    __m256i pairs;
    if constexpr (kWide) {
      const __m256i w = _mm256_xor_si256(line, _mm256_set1_epi8(-128));
      pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(four, w));
    } else {
      pairs = _mm256_maddubs_epi16(line, four);
    }
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
  template <bool kWide>
  static I Dot(I sum, B line, Q four) {
    return {DotHalf<kWide>(sum.lo, line.lo, four), DotHalf<kWide>(sum.hi, line.hi, four)};
  }
};

#include "kernels/matmul/float_tile.inl"
#include "kernels/matmul/tile.inl"

void MatMulInt(const MatMulIntArgs& a) {
  WithFormat(a.w.format(), [&]<class Format>() { Panels<Format>(a); });
}

void QuantizeRows(const QuantizeRowsArgs& a) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  for (size_t i = a.rows.begin; i < a.rows.end; ++i)
    for (size_t b = 0; b < a.out.blocks(); ++b) {
      const float* x = a.x + i * a.stride + b * kQuantBlock;
      __m256 most = _mm256_setzero_ps(), unordered = _mm256_setzero_ps();
      for (int j = 0; j < 4; ++j) {
        const __m256 v = _mm256_loadu_ps(x + 8 * j);
        most = _mm256_max_ps(most, _mm256_andnot_ps(sign, v));
        unordered = _mm256_or_ps(unordered, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
      }
      alignas(32) float lanes[8];
      _mm256_store_ps(lanes, most);
      const bool nan = _mm256_movemask_ps(unordered) != 0;  // max_ps drops a NaN in its first operand
      const float amax = nan ? __builtin_nanf("") : *std::max_element(lanes, lanes + 8);
      const QuantScale scale(amax);
      const __m256 inverse = _mm256_set1_ps(scale.inverse);
      const size_t e = a.out.entry(b, i);
      int32_t halves[2] = {0, 0};
      for (int j = 0; j < 4; ++j) {
        __m256i q = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + 8 * j), inverse));
        if (!(scale.inverse > 0)) q = _mm256_setzero_si256();
        const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(a.out.q + e * kQuantBlock + 8 * j), _mm_packs_epi16(words, words));
        __m128i four = _mm_madd_epi16(words, _mm_set1_epi16(1));
        four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
        four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
        halves[j / 2] += _mm_cvtsi128_si32(four);
      }
      FinishQuantBlock(a.out, e, scale.scale, halves);
    }
}

}  // namespace hasten::avx2

#pragma GCC pop_options
#endif
