// Eight floats; what is "part" of a vector is its first n. Included inside `namespace hasten::avx2` under its target (AVX2,
// FMA, F16C), after <immintrin.h>.
using F = __m256;
using M = __m256;
struct D {
  __m256d lo, hi;
};
inline constexpr size_t kWidth = 8;

inline __m256i First(size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(int(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

inline F Load(const float* p) { return _mm256_loadu_ps(p); }
inline F LoadPart(const float* p, size_t n) { return _mm256_maskload_ps(p, First(n)); }
inline F LoadF16(const uint16_t* p) { return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
inline F LoadBf16(const uint16_t* p) {
  const __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
}
inline void Store(float* p, F v) { _mm256_storeu_ps(p, v); }
inline void StorePart(float* p, size_t n, F v) { _mm256_maskstore_ps(p, First(n), v); }
inline F LoadUpTo(const float* p, size_t n) { return n == kWidth ? Load(p) : LoadPart(p, n); }
inline void StoreUpTo(float* p, size_t n, F v) { n == kWidth ? Store(p, v) : StorePart(p, n, v); }
inline void StoreF16(uint16_t* p, F v) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
// To the nearest, ties to even; a NaN keeps its upper bits and turns quiet.
inline void StoreBf16(uint16_t* p, F v) {
  const __m256i bits = _mm256_castps_si256(v), upper = _mm256_srli_epi32(bits, 16);
  const __m256i odd = _mm256_and_si256(upper, _mm256_set1_epi32(1));
  const __m256i rounded = _mm256_srli_epi32(_mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff))), 16);
  const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
  const __m256i stored = _mm256_blendv_epi8(rounded, _mm256_or_si256(upper, _mm256_set1_epi32(64)), nan);
  const __m128i narrow = _mm_packus_epi32(_mm256_castsi256_si128(stored), _mm256_extracti128_si256(stored, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), narrow);
}
inline F Set(float v) { return _mm256_set1_ps(v); }
inline F Iota() { return _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7); }
inline F Add(F a, F b) { return _mm256_add_ps(a, b); }
inline F Sub(F a, F b) { return _mm256_sub_ps(a, b); }
inline F Mul(F a, F b) { return _mm256_mul_ps(a, b); }
inline F Div(F a, F b) { return _mm256_div_ps(a, b); }
inline F Fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
inline F Fnma(F a, F b, F c) { return _mm256_fnmadd_ps(a, b, c); }
inline F Max(F a, F b) { return _mm256_max_ps(a, b); }
inline F Min(F a, F b) { return _mm256_min_ps(a, b); }
inline F Round(F a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
inline F Pow2(F n) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
}
inline M Less(F a, F b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
inline F Select(M m, F a, F b) { return _mm256_blendv_ps(b, a, m); }
inline F SwapPairs(F a) { return _mm256_permute_ps(a, 0xb1); }  // neighbours change places
inline float LaneZero(F a) { return _mm256_cvtss_f32(a); }

// Whole numbers of 16 bits in pairs, and sums of their products: of one pair to a lane.
using Pairs = __m256i;
using DotSum = __m256i;
inline Pairs LoadPairs(const int16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline Pairs LoadPairs(const int8_t* p) { return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
inline void StorePairs(int16_t* p, Pairs v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
inline Pairs SetPair(const int16_t* p) {
  int32_t pair;
  __builtin_memcpy(&pair, p, 4);
  return _mm256_set1_epi32(pair);
}
// Written out: from the intrinsic GCC 12 keeps the sums of a tile in memory.
inline DotSum Dot(DotSum sum, Pairs a, Pairs b) {
  asm("vpaddd %1, %0, %0" : "+x"(sum) : "x"(_mm256_madd_epi16(a, b)));
  return sum;
}
inline F ToFloat(DotSum v) { return _mm256_cvtepi32_ps(v); }
// Rounded to the nearest, ties to even; |v| below 2^15.
inline void StoreI16(int16_t* p, F v) {
  const __m256i whole = _mm256_cvtps_epi32(v);
  const __m128i narrow = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), narrow);
}

// Halves are added until one number is left.
inline float Sum(F a) {
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}
inline float Peak(F a) {
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

inline D Widen(F a) { return {_mm256_cvtps_pd(_mm256_castps256_ps128(a)), _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))}; }
inline F Narrow(D a) { return _mm256_set_m128(_mm256_cvtpd_ps(a.hi), _mm256_cvtpd_ps(a.lo)); }
inline D SetD(double v) { return {_mm256_set1_pd(v), _mm256_set1_pd(v)}; }
inline D MulD(D a, D b) { return {_mm256_mul_pd(a.lo, b.lo), _mm256_mul_pd(a.hi, b.hi)}; }
inline D FnmaD(D a, D b, D c) { return {_mm256_fnmadd_pd(a.lo, b.lo, c.lo), _mm256_fnmadd_pd(a.hi, b.hi, c.hi)}; }
inline D RoundD(D a) {
  constexpr int kNearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
  return {_mm256_round_pd(a.lo, kNearest), _mm256_round_pd(a.hi, kNearest)};
}
