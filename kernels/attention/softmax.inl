// The softmax of attention, over the vector operations of kernels/simd/ and the exponentials of kernels/math/: what one block's
// scores do to a query's state. The including file gives kTileRows, the queries that go through a block together.
inline F LoadAs(const float* p) { return Load(p); }
struct Half {
  uint16_t bits;
};
struct Bf16 {
  uint16_t bits;
};
inline F LoadAs(const Half* p) { return LoadF16(&p->bits); }
inline F LoadAs(const Bf16* p) { return LoadBf16(&p->bits); }
inline float ToFloat(float v) { return v; }
inline float ToFloat(Half v) { return FloatFromHalf(v.bits); }
inline float ToFloat(Bf16 v) { return FloatFromBf16(v.bits); }

// Scores are kept in units of log 2, so that a weight is a power of two.
inline constexpr float kLog2E = 1.44269504f;

struct QueryState {
  float peak = std::numeric_limits<float>::lowest();  // greatest score so far
  float* weights;                                     // of the block at hand
  float* sums;                                        // of all weights so far, one for each lane of a vector
  float* out;                                         // weighted values so far
};

inline void Rescale(QueryState& s, float peak, size_t width) {
  const F shrink = Exp2OfNegative(Set(s.peak - peak));
  s.peak = peak;
  Store(s.sums, Mul(Load(s.sums), shrink));
  for (size_t d = 0; d < width; d += kWidth) Store(s.out + d, Mul(Load(s.out + d), shrink));
}

// The queries of a stack that look at one block.
struct BlockRun {
  size_t block;  // counted from a sequence's first
  int32_t id;
  size_t count;
  const uint8_t* queries;  // ascending
};

// Queries [begin, end) of a run and what they see of its block.
struct QueryTile {
  size_t rows = 0;
  size_t slots = 0;  // the last slot that any of them sees, plus one
  QueryState* states[kTileRows];
  const float* in[kTileRows];
  float* weights[kTileRows];
  float* out[kTileRows];
  Range seen[kTileRows];
  QueryTile(const AttendArgs& a, const BlockRun& run, size_t begin, size_t end, QueryState* all) {
    const size_t start = run.block * kKvBlock;
    for (size_t i = begin; i < end; ++i, ++rows) {
      const AttendQuery& query = a.queries[run.queries[i]];
      QueryState& state = all[run.queries[i]];
      seen[rows] = {query.first > start ? query.first - start : 0, std::min(kKvBlock, query.last + 1 - start)};
      slots = std::max(slots, seen[rows].end);
      states[rows] = &state;
      in[rows] = query.q;
      weights[rows] = state.weights;
      out[rows] = state.out;
    }
  }
};

// Scales a row of products, caps them and hides the slots that its query does not see; returns the greatest score.
template <bool kCapped>
inline float Scores(const AttendArgs& a, float* row, Range seen) {
  const F none = Set(-std::numeric_limits<float>::infinity());
  const F factor = Set(kCapped ? a.scale / a.softcap : a.scale * kLog2E), cap = Set(a.softcap * kLog2E);
  F peak = none;
  const bool all = seen.size() == kKvBlock && kKvBlock % kWidth == 0;
  for (size_t i = 0; i < kKvBlock; i += kWidth) {
    F score = Mul(Load(row + i), factor);
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

// Turns the block's products into weights. Row after row in short loops, so that rows overlap in the pipeline.
inline void Softmax(const AttendArgs& a, const QueryTile& tile, size_t width) {
  for (size_t r = 0; r < tile.rows; ++r) {
    const float peak =
        a.softcap > 0 ? Scores<true>(a, tile.weights[r], tile.seen[r]) : Scores<false>(a, tile.weights[r], tile.seen[r]);
    if (peak > tile.states[r]->peak) Rescale(*tile.states[r], peak, width);
  }
  for (size_t r = 0; r < tile.rows; ++r) {
    QueryState& s = *tile.states[r];
    const F offset = Set(s.peak);
    F sum = Load(s.sums);
#pragma GCC unroll 2
    for (size_t i = 0; i < kKvBlock; i += kWidth) {
      const F weight = Exp2OfNegative(Sub(Load(s.weights + i), offset));
      Store(s.weights + i, weight);
      sum = Add(sum, weight);
    }
    Store(s.sums, sum);
  }
}
