// Sixteen runs of weights side by side, one a lane: a search written for one run then serves four at a time, no sum crosses
// lanes, and its order of addition is that of the weights. Vectors of 16 bytes are what x86-64 and aarch64 always have; with
// AVX2 the search is 1.5 times as fast (15 instead of 20 ns a weight of Q4_K), which is not worth a second build of it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/half.h"

namespace hasten::encode {

using V = float __attribute__((vector_size(16)));
using Mask = int32_t __attribute__((vector_size(16)));
inline constexpr size_t kWidth = 4, kRuns = 16, kParts = kRuns / kWidth;

inline V Splat(float v) { return V{} + v; }
inline V Min(V a, V b) { return a < b ? a : b; }
inline V Max(V a, V b) { return a > b ? a : b; }
inline V Abs(V a) { return a < 0 ? -a : a; }
// To the nearest integer, ties to even, for |a| < 2^22: beyond 2^23 a float has no fraction to keep. Larger magnitudes stay
// large, which is all that clamping them asks for.
inline V Round(V a) { return (a + 0x1.8p23f) - 0x1.8p23f; }
inline V Clamp(V a, float low, float high) { return Min(Max(a, Splat(low)), Splat(high)); }
inline V Divide(V a, V b) { return b == 0 ? V{} : a / (b == 0 ? Splat(1) : b); }  // 0 where b is 0

// One number for each of the sixteen runs.
struct PerRun {
  V part[kParts] = {};
  float operator[](size_t run) const { return part[run / kWidth][run % kWidth]; }
  void Set(size_t run, float v) { part[run / kWidth][run % kWidth] = v; }
};

// Up to 32 weights, or their integers, of each of sixteen runs.
struct Runs {
  V of[kParts][32];
  int n;
};

// Below 2^-40 nothing survives float16 scales (least: 2^-24); above 2^30 nothing fits them (65504 * 128 * 32 < 2^30).
inline float Cleaned(float v) {
  if (!(v > -0x1p30f)) return v <= -0x1p30f ? -0x1p30f : 0;
  if (v > 0x1p30f) return 0x1p30f;
  return v < 0x1p-40f && v > -0x1p-40f ? 0 : v;
}

// `count` runs that follow each other in memory; the rest are 0.
inline void LoadRuns(const float* values, int n, size_t count, Runs& out) {
  out.n = n;
  for (size_t run = 0; run < kRuns; ++run)
    for (int i = 0; i < n; ++i) out.of[run / kWidth][i][run % kWidth] = run < count ? Cleaned(values[run * n + i]) : 0;
}

// As bytes, run after run; negative integers as two's complement.
inline void StoreCodes(const Runs& codes, uint8_t* out) {
  for (size_t run = 0; run < kRuns; ++run)
    for (int i = 0; i < codes.n; ++i) *out++ = uint8_t(int(codes.of[run / kWidth][i][run % kWidth]));
}

// As float16 has it, within its range.
inline float OnHalfGrid(float v) { return FloatFromHalf(HalfFromFloat(std::clamp(v, -65504.0f, 65504.0f))); }
inline PerRun OnHalfGrid(PerRun a) {
  for (size_t run = 0; run < kRuns; ++run) a.Set(run, OnHalfGrid(a[run]));
  return a;
}

// The same, but not nearer to zero: what is divided by it then is not larger than meant. It matters where weights are so
// small that float16 has few digits left (Q6_K's d is 2^-16 for weights of up to 0.06, and float16's step there is 2^-24).
inline float AtLeastOnHalfGrid(float v) {
  const float nearest = OnHalfGrid(v);
  if (std::abs(nearest) >= std::abs(v) || std::abs(nearest) >= 65504.0f) return nearest;
  return FloatFromHalf(uint16_t(HalfFromFloat(nearest) + 1));
}
inline PerRun AtLeastOnHalfGrid(PerRun a) {
  for (size_t run = 0; run < kRuns; ++run) a.Set(run, AtLeastOnHalfGrid(a[run]));
  return a;
}

}  // namespace hasten::encode
