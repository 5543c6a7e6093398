// The online softmax: what a stack's queries have seen so far, and a block's products turned into weights.
//
// Scores are kept in units of log 2, so that a weight is a power of two.
inline constexpr float kLog2E = 1.44269504f;

// The queries of a stack, each member by query: products take what stands together in a block as it is.
struct Stack {
  const float* in[kMaxStack];
  float* weights[kMaxStack];  // of the block at hand
  float* out[kMaxStack];      // weighted values so far
  float* sums;                // of all weights so far: for each query one for each lane of a vector
  float peak[kMaxStack];      // greatest score so far
  size_t first[kMaxStack], last[kMaxStack];
  Range blocks;    // that any of them looks at
  Range together;  // that all of them see to the end and find under the same ids
  // In fixed point: queries and, times the values' scales, weights; what to multiply their products with.
  int16_t *fixed_in[kMaxStack], *fixed_weights[kMaxStack];
  float factor[kMaxStack], weight_scale[kMaxStack];
};

// Neighbours in a stack that look at one block.
struct BlockRun {
  size_t start;  // the block's first position
  Range queries;
  bool whole;  // all of them see all of it
  Range Seen(const Stack& s, size_t i) const {
    return {s.first[i] > start ? s.first[i] - start : 0, std::min(kKvBlock, s.last[i] + 1 - start)};
  }
  // The last slot that any of them sees, plus one.
  size_t Slots(const Stack& s) const {
    size_t last = 0;
    for (size_t i = queries.begin; !whole && i < queries.end; ++i) last = std::max(last, s.last[i]);
    return whole ? kKvBlock : std::min(kKvBlock, last + 1 - start);
  }
};

inline void Rescale(Stack& s, size_t i, float peak, size_t width) {
  const F shrink = Exp2OfNegative(Set(s.peak[i] - peak));
  s.peak[i] = peak;
  float* const sums = s.sums + i * AttendLayout::kSums;
  Store(sums, Mul(Load(sums), shrink));
  for (size_t d = 0; d < width; d += kWidth) Store(s.out[i] + d, Mul(Load(s.out[i] + d), shrink));
}

// From a product to the argument of the cap where there is one, else to the score.
inline float ScoreFactor(const AttendArgs& a) { return a.softcap > 0 ? a.scale / a.softcap : a.scale * kLog2E; }

// Scales a row of products, each by ScoreFactor or by a factor of its own, caps them and hides the slots that its query does
// not see; returns the greatest score.
template <bool kCapped, bool kOwnFactors>
inline float Scores(const AttendArgs& a, float* row, Range seen, const float* factors) {
  const F none = Set(-std::numeric_limits<float>::infinity());
  const F factor = Set(ScoreFactor(a)), cap = Set(a.softcap * kLog2E);
  F peak = none;
  const bool all = seen.size() == kKvBlock && kKvBlock % kWidth == 0;
  for (size_t i = 0; i < kKvBlock; i += kWidth) {
    F score = Mul(Load(row + i), kOwnFactors ? Load(factors + i) : factor);
    if (kCapped) score = Mul(Tanh(score), cap);
    if (!all) {
      const F slot = Add(Iota(), Set(float(i)));
      score = Select(Less(slot, Set(float(seen.begin))), none, Select(Less(slot, Set(float(seen.end))), score, none));
    }
    Store(row + i, score);
    peak = Max(peak, score);
  }
  return Peak(peak);
}

// The first half of a softmax: a block's scores, and what came before made relative to the greatest of them.
template <bool kOwnFactors>
inline void ScoreRun(const AttendArgs& a, const BlockRun& run, Stack& s, size_t width, const float* factors = nullptr) {
  for (size_t i = run.queries.begin; i < run.queries.end; ++i) {
    const Range seen = run.whole ? Range{0, kKvBlock} : run.Seen(s, i);
    const float peak = a.softcap > 0 ? Scores<true, kOwnFactors>(a, s.weights[i], seen, factors)
                                     : Scores<false, kOwnFactors>(a, s.weights[i], seen, factors);
    if (peak > s.peak[i]) Rescale(s, i, peak, width);
  }
}

// The second: scores to weights. Row after row in short loops, so that rows overlap in the pipeline.
inline void WeighRun(Range queries, Stack& s) {
  for (size_t i = queries.begin; i < queries.end; ++i) {
    const F offset = Set(s.peak[i]);
    float* const sums = s.sums + i * AttendLayout::kSums;
    F sum = Load(sums);
#pragma GCC unroll 2
    for (size_t c = 0; c < kKvBlock; c += kWidth) {
      const F weight = Exp2OfNegative(Sub(Load(s.weights[i] + c), offset));
      Store(s.weights[i] + c, weight);
      sum = Add(sum, weight);
    }
    Store(sums, sum);
  }
}

// Weights times the values' scales, rounded. What a query does not see has the weight 0, whatever its scale.
inline void PackWeights(Range queries, Stack& s, const float* value_scales, float largest) {
  for (size_t q = queries.begin; q < queries.end; ++q) {
    float* const weights = s.weights[q];
    F peak = Set(0);
#pragma GCC unroll 2
    for (size_t i = 0; i < kKvBlock; i += kWidth) {
      const F weight = Load(weights + i);
      const F scaled = Select(Less(Set(0), weight), Mul(weight, Load(value_scales + i)), Set(0));
      Store(weights + i, scaled);
      peak = Max(peak, scaled);
    }
    const FixedPoint point(Peak(peak), largest);
    s.weight_scale[q] = point.scale;
#pragma GCC unroll 2
    for (size_t i = 0; i < kKvBlock; i += kWidth) StoreI16(s.fixed_weights[q] + i, Mul(Load(weights + i), Set(point.inverse)));
  }
}
