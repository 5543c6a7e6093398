// Sixteen floats; what is "part" of a vector is its first n. Included inside `namespace hasten::avx512` under its target, after
// <immintrin.h>.
using F = __m512;
using M = __mmask16;
struct D {
  __m512d lo, hi;
};
inline constexpr size_t kWidth = 16;

inline __mmask16 First(size_t n) { return __mmask16((1u << n) - 1); }

inline F Load(const float* p) { return _mm512_loadu_ps(p); }
inline F LoadPart(const float* p, size_t n) { return _mm512_maskz_loadu_ps(First(n), p); }
inline F LoadF16(const uint16_t* p) { return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
inline F LoadBf16(const uint16_t* p) {
  const __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16));
}
inline void Store(float* p, F v) { _mm512_storeu_ps(p, v); }
inline void StorePart(float* p, size_t n, F v) { _mm512_mask_storeu_ps(p, First(n), v); }
inline F LoadUpTo(const float* p, size_t n) { return n == kWidth ? Load(p) : LoadPart(p, n); }
inline void StoreUpTo(float* p, size_t n, F v) { n == kWidth ? Store(p, v) : StorePart(p, n, v); }
inline void StoreF16(uint16_t* p, F v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
// To the nearest, ties to even; a NaN keeps its upper bits and turns quiet.
inline void StoreBf16(uint16_t* p, F v) {
  const __m512i bits = _mm512_castps_si512(v), upper = _mm512_srli_epi32(bits, 16);
  const __m512i odd = _mm512_and_si512(upper, _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_srli_epi32(_mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff))), 16);
  const __mmask16 nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
  const __m512i stored = _mm512_mask_blend_epi32(nan, rounded, _mm512_or_si512(upper, _mm512_set1_epi32(64)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(stored));
}
inline F Set(float v) { return _mm512_set1_ps(v); }
inline F Iota() { return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
inline F Add(F a, F b) { return _mm512_add_ps(a, b); }
inline F Sub(F a, F b) { return _mm512_sub_ps(a, b); }
inline F Mul(F a, F b) { return _mm512_mul_ps(a, b); }
inline F Div(F a, F b) { return _mm512_div_ps(a, b); }
inline F Fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
inline F Fnma(F a, F b, F c) { return _mm512_fnmadd_ps(a, b, c); }
inline F Max(F a, F b) { return _mm512_max_ps(a, b); }
inline F Min(F a, F b) { return _mm512_min_ps(a, b); }
inline F Round(F a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
inline F Pow2(F n) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23));
}
inline M Less(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
inline F Select(M m, F a, F b) { return _mm512_mask_blend_ps(m, b, a); }
inline F SwapPairs(F a) { return _mm512_permute_ps(a, 0xb1); }  // neighbours change places
inline float LaneZero(F a) { return _mm512_cvtss_f32(a); }

// Whole numbers of 16 bits in pairs, and sums of their products: of one pair to a lane.
using Pairs = __m512i;
using DotSum = __m512i;
inline Pairs LoadPairs(const int16_t* p) { return _mm512_loadu_si512(p); }
inline Pairs LoadPairs(const int8_t* p) {
  return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
inline void StorePairs(int16_t* p, Pairs v) { _mm512_storeu_si512(p, v); }
inline Pairs SetPair(const int16_t* p) {
  int32_t pair;
  __builtin_memcpy(&pair, p, 4);
  return _mm512_set1_epi32(pair);
}
// Written out: from the intrinsic GCC 12 copies each sum, to a register and to memory.
inline DotSum Dot(DotSum sum, Pairs a, Pairs b) {
  asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  return sum;
}
inline F ToFloat(DotSum v) { return _mm512_cvtepi32_ps(v); }
// Rounded to the nearest, ties to even; |v| below 2^15.
inline void StoreI16(int16_t* p, F v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(v)));
}

inline __m256 LowerHalf(F a) { return _mm512_castps512_ps256(a); }
inline __m256 UpperHalf(F a) { return _mm512_extractf32x8_ps(a, 1); }
// Halves are added until one number is left.
inline float Sum(F a) {
  const __m256 h = _mm256_add_ps(LowerHalf(a), UpperHalf(a));
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}
inline float Peak(F a) {
  const __m256 h = _mm256_max_ps(LowerHalf(a), UpperHalf(a));
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

inline D Widen(F a) { return {_mm512_cvtps_pd(LowerHalf(a)), _mm512_cvtps_pd(UpperHalf(a))}; }
inline F Narrow(D a) { return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(a.lo)), _mm512_cvtpd_ps(a.hi), 1); }
inline D SetD(double v) { return {_mm512_set1_pd(v), _mm512_set1_pd(v)}; }
inline D MulD(D a, D b) { return {_mm512_mul_pd(a.lo, b.lo), _mm512_mul_pd(a.hi, b.hi)}; }
inline D FnmaD(D a, D b, D c) { return {_mm512_fnmadd_pd(a.lo, b.lo, c.lo), _mm512_fnmadd_pd(a.hi, b.hi, c.hi)}; }
inline D RoundD(D a) {
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  return {_mm512_roundscale_pd(a.lo, kNearest), _mm512_roundscale_pd(a.hi, kNearest)};
}
