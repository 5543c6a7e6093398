// Sixteen blocks at a time: their largest magnitudes, scales and sums each fill one register, so that nothing is added or
// compared across a register but by one tree for all sixteen (Zen 4: 12 ns a block one after the other, 5 so).
#include <algorithm>
#include <cstring>

#include "kernels/matmul/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593: its own AVX-512 headers trip it
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")

namespace hasten::avx512 {

static constexpr size_t kTogether = 16;  // blocks

// Block i of the sixteen is x + i * step and entry `entry` + i of `out`.
struct Blocks {
  const float* x;
  size_t step, count;
  const QuantRows& out;
  size_t entry;
  const float* block(size_t i) const { return x + std::min(i, count - 1) * step; }  // what is beyond is not stored
};

// One block, of any values.
static void QuantizeBlock(const float* x, const QuantRows& out, size_t e) {
  const __m512 sign = _mm512_set1_ps(-0.0f);
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
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out.q + e * kQuantBlock), _mm512_cvtsepi32_epi8(q0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out.q + e * kQuantBlock + 16), _mm512_cvtsepi32_epi8(q1));
  const int32_t halves[2] = {_mm512_reduce_add_epi32(q0), _mm512_reduce_add_epi32(q1)};
  FinishQuantBlock(out, e, scale.scale, halves);
}

// Number i of the result is the largest magnitude of block i, or anything if that holds a NaN.
static inline __m512 LargestOfEach(const Blocks& b) {
  __m512 m[16], pairs[8], fours[4], eights[2];
#pragma GCC unroll 16
  for (size_t i = 0; i < 16; ++i)
    m[i] =
        _mm512_range_ps(_mm512_loadu_ps(b.block(i)), _mm512_loadu_ps(b.block(i) + 16), 0b1011);  // larger magnitude, positive
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i)
    pairs[i] = _mm512_max_ps(_mm512_unpacklo_ps(m[2 * i], m[2 * i + 1]), _mm512_unpackhi_ps(m[2 * i], m[2 * i + 1]));
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i)
    fours[i] = _mm512_max_ps(_mm512_shuffle_ps(pairs[2 * i], pairs[2 * i + 1], 0x44),
                             _mm512_shuffle_ps(pairs[2 * i], pairs[2 * i + 1], 0xee));
#pragma GCC unroll 2
  for (size_t i = 0; i < 2; ++i)
    eights[i] = _mm512_max_ps(_mm512_shuffle_f32x4(fours[2 * i], fours[2 * i + 1], 0x44),
                              _mm512_shuffle_f32x4(fours[2 * i], fours[2 * i + 1], 0xee));
  return _mm512_max_ps(_mm512_shuffle_f32x4(eights[0], eights[1], 0x88), _mm512_shuffle_f32x4(eights[0], eights[1], 0xdd));
}

// 32 bytes each of blocks i and i + 1. A NaN becomes -128, which nothing else does.
static inline __m512i TwoBlocks(const Blocks& b, size_t i, const float inverse[16]) {
  __m512i words[2];
#pragma GCC unroll 2
  for (size_t k = 0; k < 2; ++k) {
    const __m512 scale = _mm512_set1_ps(inverse[i + k]);
    words[k] = _mm512_packs_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(b.block(i + k)), scale)),
                                  _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(b.block(i + k) + 16), scale)));
  }
  const __m512i in_order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(in_order, _mm512_packs_epi16(words[0], words[1]));
}

// sums[i]: of each 16 bytes of bytes[4 i] to bytes[4 i + 3], which is half block after half block of eight blocks.
static inline void SumHalves(const __m512i bytes[8], __m512i sums[2]) {
  const __m512i in_order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i fours[8], pairs[4];
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i) fours[i] = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_set1_epi8(1), bytes[i]);
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i)
    pairs[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(fours[2 * i], fours[2 * i + 1]),
                                _mm512_unpackhi_epi32(fours[2 * i], fours[2 * i + 1]));
#pragma GCC unroll 2
  for (size_t i = 0; i < 2; ++i)
    sums[i] = _mm512_permutexvar_epi32(in_order, _mm512_add_epi32(_mm512_unpacklo_epi64(pairs[2 * i], pairs[2 * i + 1]),
                                                                  _mm512_unpackhi_epi64(pairs[2 * i], pairs[2 * i + 1])));
}

static inline __mmask16 First(size_t count) { return __mmask16((1u << std::min<size_t>(count, 16)) - 1); }

// FinishQuantBlock of all.
static inline void FinishBlocks(const Blocks& b, __m512 scale, const __m512i halves[2]) {
  const __m512i evens = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odds = _mm512_add_epi32(evens, _mm512_set1_epi32(1)), bits = _mm512_set1_epi32(kMagicBits);
  const __m512i sum = _mm512_add_epi32(_mm512_permutex2var_epi32(halves[0], evens, halves[1]),
                                       _mm512_permutex2var_epi32(halves[0], odds, halves[1]));
  const QuantRows& out = b.out;
  const size_t e = b.entry;
  const __mmask16 all = First(b.count);
  _mm512_mask_storeu_ps(out.scale + e, all, scale);
  _mm512_mask_storeu_ps(out.minus_magic + e, all, _mm512_mul_ps(_mm512_set1_ps(-kMagic), scale));
  _mm512_mask_storeu_ps(out.scaled_sum + e, all, _mm512_mul_ps(scale, _mm512_cvtepi32_ps(sum)));
  _mm512_mask_storeu_epi32(out.start8 + e, all, _mm512_sub_epi32(bits, _mm512_slli_epi32(sum, 3)));
  _mm512_mask_storeu_epi32(out.start128 + e, all, _mm512_sub_epi32(bits, _mm512_slli_epi32(sum, 7)));
  const __m512i twice = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  for (size_t i = 0; i < 2 && 8 * i < b.count; ++i) {
    const __mmask16 some = First(2 * (b.count - 8 * i));
    const size_t at = 2 * e + 16 * i;
    const __m512 scales = _mm512_permutexvar_ps(_mm512_add_epi32(twice, _mm512_set1_epi32(int(8 * i))), scale);
    _mm512_mask_storeu_ps(out.scaled_halves + at, some, _mm512_mul_ps(scales, _mm512_cvtepi32_ps(halves[i])));
    _mm512_mask_storeu_epi32(out.start32_halves + at, some, _mm512_sub_epi32(bits, _mm512_slli_epi32(halves[i], 5)));
    _mm512_mask_storeu_epi32(out.start128_halves + at, some, _mm512_sub_epi32(bits, _mm512_slli_epi32(halves[i], 7)));
  }
}

// False, with nothing of use written, where a block holds what QuantizeBlock has to look at: a NaN, infinities, or nothing but
// the smallest numbers.
static bool QuantizeOrdinary(const Blocks& b) {
  const __m512 amax = LargestOfEach(b);
  const __mmask16 ordinary = _mm512_cmp_ps_mask(amax, _mm512_set1_ps(1e-30f), _CMP_GE_OQ) &
                             _mm512_cmp_ps_mask(amax, _mm512_set1_ps(3.4028234664e38f), _CMP_LE_OQ);
  if (ordinary != 0xffff) return false;
  const __m512i cut = _mm512_castps_si512(_mm512_div_ps(amax, _mm512_set1_ps(127)));
  const __m512 scale = _mm512_castsi512_ps(_mm512_and_si512(cut, _mm512_set1_epi32(~3)));
  alignas(64) float inverse[16];
  _mm512_store_ps(inverse, _mm512_div_ps(_mm512_set1_ps(127), amax));
  __m512i bytes[8];
  __mmask64 nan = 0;
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = TwoBlocks(b, 2 * i, inverse);
    nan |= _mm512_cmpeq_epi8_mask(bytes[i], _mm512_set1_epi8(-128));
  }
  if (nan != 0) return false;
  for (size_t i = 0; 2 * i < b.count; ++i)
    _mm512_mask_storeu_epi8(b.out.q + (b.entry + 2 * i) * kQuantBlock, 2 * i + 1 < b.count ? ~__mmask64{0} : 0xffffffff,
                            bytes[i]);
  __m512i halves[2];
  SumHalves(bytes, halves);
  FinishBlocks(b, scale, halves);
  return true;
}

static void QuantizeBlocks(const Blocks& b) {
  constexpr size_t kWorthIt = 7;  // blocks; fewer are done sooner one after the other
  if (b.count >= kWorthIt && QuantizeOrdinary(b)) return;
  for (size_t i = 0; i < b.count; ++i) QuantizeBlock(b.block(i), b.out, b.entry + i);
}

void QuantizeRows(const QuantizeRowsArgs& a) {
  const QuantRows& out = a.out;
  for (size_t i = a.rows.begin; i < a.rows.end;) {
    const size_t tile_end = i / kRowTile * kRowTile + out.tile_rows(i), rows = std::min(tile_end, a.rows.end) - i;
    const float* const x = a.x + i * a.stride;
    if (out.tile_rows(i) == 1) {  // blocks of one row are neighbours
      for (size_t b = 0; b < out.blocks(); b += kTogether)
        QuantizeBlocks({x + b * kQuantBlock, kQuantBlock, std::min(kTogether, out.blocks() - b), out, out.entry(b, i)});
    } else {  // the same block of a tile's rows
      for (size_t b = 0; b < out.blocks(); ++b) QuantizeBlocks({x + b * kQuantBlock, a.stride, rows, out, out.entry(b, i)});
    }
    i += rows;
  }
}

}  // namespace hasten::avx512

#pragma GCC pop_options
#endif
