// Four floats; what is "part" of a vector is its first n. Included inside `namespace hasten::neon`, after <arm_neon.h>. All of
// it is in ARMv8.0.
using F = float32x4_t;
using M = uint32x4_t;
struct D {
  float64x2_t lo, hi;
};
inline constexpr size_t kWidth = 4;

inline F Load(const float* p) { return vld1q_f32(p); }
inline F LoadPart(const float* p, size_t n) {
  float part[4] = {};
  for (size_t i = 0; i < n; ++i) part[i] = p[i];
  return vld1q_f32(part);
}
inline F LoadF16(const uint16_t* p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
inline F LoadBf16(const uint16_t* p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
inline void Store(float* p, F v) { vst1q_f32(p, v); }
inline void StorePart(float* p, size_t n, F v) {
  float part[4];
  vst1q_f32(part, v);
  for (size_t i = 0; i < n; ++i) p[i] = part[i];
}
inline F LoadUpTo(const float* p, size_t n) { return n == kWidth ? Load(p) : LoadPart(p, n); }
inline void StoreUpTo(float* p, size_t n, F v) { n == kWidth ? Store(p, v) : StorePart(p, n, v); }
inline void StoreF16(uint16_t* p, F v) { vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(v))); }
// To the nearest, ties to even; a NaN keeps its upper bits and turns quiet.
inline void StoreBf16(uint16_t* p, F v) {
  const uint32x4_t bits = vreinterpretq_u32_f32(v), upper = vshrq_n_u32(bits, 16);
  const uint32x4_t odd = vandq_u32(upper, vdupq_n_u32(1));
  const uint32x4_t rounded = vshrq_n_u32(vaddq_u32(bits, vaddq_u32(odd, vdupq_n_u32(0x7fff))), 16);
  vst1_u16(p, vmovn_u32(vbslq_u32(vceqq_f32(v, v), rounded, vorrq_u32(upper, vdupq_n_u32(64)))));
}
inline F Set(float v) { return vdupq_n_f32(v); }
inline F Iota() {
  static constexpr float kIota[4] = {0, 1, 2, 3};
  return vld1q_f32(kIota);
}
inline F Add(F a, F b) { return vaddq_f32(a, b); }
inline F Sub(F a, F b) { return vsubq_f32(a, b); }
inline F Mul(F a, F b) { return vmulq_f32(a, b); }
inline F Div(F a, F b) { return vdivq_f32(a, b); }
inline F Fma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
inline F Fnma(F a, F b, F c) { return vfmsq_f32(c, a, b); }
inline M Less(F a, F b) { return vcltq_f32(a, b); }
inline F Select(M m, F a, F b) { return vbslq_f32(m, a, b); }
inline F Max(F a, F b) { return Select(Less(b, a), a, b); }  // b where either is NaN, as on x86
inline F Min(F a, F b) { return Select(Less(a, b), a, b); }
inline F Round(F a) { return vrndnq_f32(a); }
inline F Pow2(F n) { return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23)); }
inline F SwapPairs(F a) { return vrev64q_f32(a); }  // neighbours change places
inline float LaneZero(F a) { return vgetq_lane_f32(a, 0); }

// Whole numbers of 16 bits in pairs, and sums of their products: both members of a pair keep sums of their own until the end.
using Pairs = int16x8_t;
struct DotSum {
  int32x4_t lo, hi;
};
inline Pairs LoadPairs(const int16_t* p) { return vld1q_s16(p); }
inline Pairs LoadPairs(const int8_t* p) { return vmovl_s8(vld1_s8(p)); }
inline void StorePairs(int16_t* p, Pairs v) { vst1q_s16(p, v); }
inline Pairs SetPair(const int16_t* p) {
  int32_t pair;
  __builtin_memcpy(&pair, p, 4);
  return vreinterpretq_s16_s32(vdupq_n_s32(pair));
}
inline DotSum Dot(DotSum sum, Pairs a, Pairs b) {
  return {vmlal_s16(sum.lo, vget_low_s16(a), vget_low_s16(b)), vmlal_high_s16(sum.hi, a, b)};
}
inline F ToFloat(DotSum v) { return vcvtq_f32_s32(vpaddq_s32(v.lo, v.hi)); }
// Rounded to the nearest, ties to even; |v| below 2^15.
inline void StoreI16(int16_t* p, F v) { vst1_s16(p, vmovn_s32(vcvtnq_s32_f32(v))); }

// Halves are added until one number is left.
inline float Sum(F a) {
  const float32x2_t h = vadd_f32(vget_low_f32(a), vget_high_f32(a));
  return vget_lane_f32(h, 0) + vget_lane_f32(h, 1);
}
inline float Peak(F a) { return vmaxvq_f32(a); }

inline D Widen(F a) { return {vcvt_f64_f32(vget_low_f32(a)), vcvt_high_f64_f32(a)}; }
inline F Narrow(D a) { return vcvt_high_f32_f64(vcvt_f32_f64(a.lo), a.hi); }
inline D SetD(double v) { return {vdupq_n_f64(v), vdupq_n_f64(v)}; }
inline D MulD(D a, D b) { return {vmulq_f64(a.lo, b.lo), vmulq_f64(a.hi, b.hi)}; }
inline D FnmaD(D a, D b, D c) { return {vfmsq_f64(c.lo, a.lo, b.lo), vfmsq_f64(c.hi, a.hi, b.hi)}; }
inline D RoundD(D a) { return {vrndnq_f64(a.lo), vrndnq_f64(a.hi)}; }
