// The passes of sampling.h over the vector operations of kernels/simd/ and kernels/math/. The including file adds
//   size_t Keep(M m, F v, float* to)             the lanes of v that m has, side by side; how many
//   size_t KeepIds(M m, const int32_t* from, int32_t* to), KeepCount(M m, int32_t first, int32_t* to)   the same for ids
//   M Not(M m), M Both(M a, M b)
//   F LoadSome(const float* p, size_t n, float rest)   the first n lanes, `rest` in the others

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

inline F LogitsAt(const float* p, size_t n) {  // NaN becomes -infinity, as the second of Max does
  return Max(n >= kWidth ? Load(p) : LoadSome(p, n, kMinusInfinity), Set(kMinusInfinity));
}
inline F WeightOf(F x) { return Exp2OfNegative(Mul(x, Set(1.44269504f))); }

inline float Largest(const float* logits, size_t n) {
  F m[4] = {Set(kMinusInfinity), Set(kMinusInfinity), Set(kMinusInfinity), Set(kMinusInfinity)};
  size_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; ++j) m[j] = Max(Load(logits + i + j * kWidth), m[j]);  // the second where the first is NaN
  }
  for (; i < n; i += kWidth) m[0] = Max(LogitsAt(logits + i, n - i), m[0]);
  return Peak(Max(Max(m[0], m[1]), Max(m[2], m[3])));
}

inline float Mass(const float* logits, size_t n, float best, float sharpness, float least) {
  F sum[2] = {Set(0), Set(0)};
  const F top = Set(best), sharp = Set(sharpness), bound = Set(least);
  const auto weights = [&](size_t i, size_t left) {
    const F x = Mul(Sub(LogitsAt(logits + i, left), top), sharp);
    return Select(Less(x, bound), Set(0), WeightOf(x));
  };
  size_t i = 0;
  for (; i + 2 * kWidth <= n; i += 2 * kWidth) {
    sum[0] = Add(sum[0], weights(i, kWidth));
    sum[1] = Add(sum[1], weights(i + kWidth, kWidth));
  }
  for (; i < n; i += kWidth) sum[0] = Add(sum[0], weights(i, n - i));
  return Sum(Add(sum[0], sum[1]));
}

inline float SumOf(const float* weights, size_t n) {
  F sum[4] = {Set(0), Set(0), Set(0), Set(0)};
  size_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
#pragma GCC unroll 4
    for (size_t j = 0; j < 4; ++j) sum[j] = Add(sum[j], Load(weights + i + j * kWidth));
  }
  for (; i < n; i += kWidth) sum[0] = Add(sum[0], n - i >= kWidth ? Load(weights + i) : LoadSome(weights + i, n - i, 0));
  return Sum(Add(Add(sum[0], sum[1]), Add(sum[2], sum[3])));
}

inline size_t Select(const SelectArgs& a) {
  const F top = Set(a.best), sharp = Set(a.sharpness), least = Set(a.least);
  size_t kept = 0;
  for (size_t i = 0; i < a.n; i += kWidth) {
    const F x = Mul(Sub(LogitsAt(a.logits + i, a.n - i), top), sharp);
    const M m = Not(Less(x, least));
    if (!Any(m)) continue;
    Keep(m, x, a.x + kept);
    kept += KeepCount(m, a.first_id + int32_t(i), a.ids + kept);
  }
  return kept;
}

inline void Weigh(const float* x, size_t n, float* weights) {  // reads and writes whole vectors: there is slack
  for (size_t i = 0; i < n; i += kWidth) Store(weights + i, WeightOf(Load(x + i)));
}

inline void Levels(const LevelArgs& a) {
  F sum[kSampleLevels], level[kSampleLevels];
  for (size_t j = 0; j < kSampleLevels; ++j) sum[j] = Set(0), level[j] = Set(a.levels[j]);
  for (size_t i = 0; i < a.n; i += kWidth) {
    const size_t left = a.n - i;
    const F x = left >= kWidth ? Load(a.x + i) : LoadSome(a.x + i, left, kMinusInfinity);
    F w = Set(1);
    if (a.weights != nullptr) w = left >= kWidth ? Load(a.weights + i) : LoadSome(a.weights + i, left, 0);
#pragma GCC unroll 8
    for (size_t j = 0; j < kSampleLevels; ++j) sum[j] = Select(Less(x, level[j]), sum[j], Add(sum[j], w));
  }
  for (size_t j = 0; j < kSampleLevels; ++j) a.mass[j] = Sum(sum[j]);
}

inline size_t Narrow(const NarrowArgs& a) {
  size_t kept = 0;
  for (size_t i = 0; i < a.n; i += kWidth) {
    const size_t left = a.n - i;
    const F x = left >= kWidth ? Load(a.in.x + i) : LoadSome(a.in.x + i, left, kMinusInfinity);
    const M m = Both(Not(Less(x, Set(a.least))), Less(x, Set(a.below)));
    if (!Any(m)) continue;
    const F w = left >= kWidth ? Load(a.in.weights + i) : LoadSome(a.in.weights + i, left, 0);
    Keep(m, x, a.out.x + kept);
    Keep(m, w, a.out.weights + kept);
    kept += KeepIds(m, a.in.ids + i, a.out.ids + kept);
  }
  return kept;
}

constexpr SamplingKernels kKernels = {Largest, Mass, SumOf, Select, Weigh, Levels, Narrow};
