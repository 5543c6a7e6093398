// Attention over the vector operations of kernels/simd/. The including file gives kTileRows, the queries of one register tile.
//
// A block is two products, scores = q K^T and out += weights V, both by Tile: every number is one chain of fused
// multiply-adds in ascending order, so neither the tile's size nor who shares it can change a byte.
inline constexpr size_t kTileVectors = 2;
inline constexpr size_t kTileColumns = kTileVectors * kWidth;

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

template <class T>
struct Operand {
  const T* data;
  size_t stride;  // from one row of columns to the next
};

// out[r][c] = (accumulate ? itself : 0) + sum_i in[r][i] b[i][c] for kRows rows and kTileColumns columns c from `column` on.
template <size_t kRows, class T>
inline void Tile(const float* const* in, size_t n, Operand<T> b, float* const* out, size_t column, bool accumulate) {
  F sum[kRows][kTileVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (size_t v = 0; v < kTileVectors; ++v) sum[r][v] = accumulate ? Load(out[r] + column + v * kWidth) : Set(0);
  const T* row = b.data + column;
  for (size_t i = 0; i < n; ++i, row += b.stride) {
    F line[kTileVectors];
#pragma GCC unroll 2
    for (size_t v = 0; v < kTileVectors; ++v) line[v] = LoadAs(row + v * kWidth);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      const F factor = Set(in[r][i]);
#pragma GCC unroll 2
      for (size_t v = 0; v < kTileVectors; ++v) sum[r][v] = Fma(factor, line[v], sum[r][v]);
    }
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (size_t v = 0; v < kTileVectors; ++v) Store(out[r] + column + v * kWidth, sum[r][v]);
}

// The same for all columns and `rows` up to kTileRows.
template <class T, size_t kRows = kTileRows>
inline void Product(size_t rows, const float* const* in, size_t n, Operand<T> b, float* const* out, size_t columns,
                    bool accumulate) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return Product<T, kRows - 1>(rows, in, n, b, out, columns, accumulate);
  }
  for (size_t c = 0; c < columns; c += kTileColumns) Tile<kRows>(in, n, b, out, c, accumulate);
}

// Rows of `columns` numbers to floats, padded with zeros to the stride.
template <class T>
inline void Convert(const T* from, size_t rows, size_t columns, float* to, size_t stride) {
  for (size_t i = 0; i < rows; ++i, from += columns, to += stride) {
    const size_t whole = columns / kWidth * kWidth;
    for (size_t c = 0; c < whole; c += kWidth) Store(to + c, LoadAs(from + c));
    for (size_t c = whole; c < columns; ++c) to[c] = ToFloat(from[c]);
    std::fill(to + columns, to + stride, 0.0f);
  }
}

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

// The queries of one register tile and what they see of the block at hand.
struct QueryTile {
  size_t rows = 0;
  size_t slots = 0;  // the last slot that any of them sees, plus one
  QueryState* states[kTileRows];
  const float* in[kTileRows];
  float* weights[kTileRows];
  float* out[kTileRows];
  Range seen[kTileRows];
  void Add(const AttendQuery& query, QueryState& state, size_t block) {
    const size_t start = block * kKvBlock;
    seen[rows] = {query.first > start ? query.first - start : 0, std::min(kKvBlock, query.last + 1 - start)};
    slots = std::max(slots, seen[rows].end);
    states[rows] = &state;
    in[rows] = query.q;
    weights[rows] = state.weights;
    out[rows++] = state.out;
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

// The queries of a stack that look at one block.
struct BlockRun {
  size_t block, count;
  const uint8_t* queries;
};

template <class T>
inline void AttendTiles(const AttendArgs& a, const BlockRun& run, QueryState* states, Operand<T> keys, Operand<T> values,
                        size_t width) {
  for (size_t begin = 0; begin < run.count; begin += kTileRows) {
    QueryTile tile;
    for (size_t i = begin; i < std::min(run.count, begin + kTileRows); ++i)
      tile.Add(a.queries[run.queries[i]], states[run.queries[i]], run.block);
    Product(tile.rows, tile.in, a.width, keys, tile.weights, kKvBlock, false);
    Softmax(a, tile, width);
    // A weight of 0 leaves a sum as it is, so slots that only other rows of the tile see do no harm.
    Product(tile.rows, tile.weights, tile.slots, values, tile.out, a.width, true);
  }
}

template <class T>
inline void AttendBlock(const AttendArgs& a, const BlockRun& run, QueryState* states, const AttendLayout& layout) {
  const int32_t id = a.queries[run.queries[0]].blocks[run.block];
  const T* keys = reinterpret_cast<const T*>(a.base + size_t(id) * a.block_bytes);
  const T* values = keys + kKvBlock * a.width;
  const bool whole_tiles = kKvBlock % kTileColumns == 0 && a.width % kTileColumns == 0;
  if (whole_tiles && (run.count <= kTileRows || std::is_same_v<T, float>))
    return AttendTiles<T>(a, run, states, {keys, kKvBlock}, {values, a.width}, layout.width_stride);
  size_t slots = 0;
  for (size_t i = 0; i < run.count; ++i)
    slots = std::max(slots, std::min(kKvBlock, a.queries[run.queries[i]].last + 1 - run.block * kKvBlock));
  float* const wide_keys = a.scratch + layout.keys;
  float* const wide_values = a.scratch + layout.values;
  Convert(keys, a.width, kKvBlock, wide_keys, layout.block_stride);
  Convert(values, slots, a.width, wide_values, layout.width_stride);
  AttendTiles<float>(a, run, states, {wide_keys, layout.block_stride}, {wide_values, layout.width_stride}, layout.width_stride);
}

inline void Finish(const AttendArgs& a, const AttendQuery& query, QueryState& s, size_t width) {
  float extra = 0;
  if (a.sinks) {
    const float sink = query.sink * kLog2E;
    if (sink > s.peak) Rescale(s, sink, width);
    extra = LaneZero(Exp2OfNegative(Set(sink - s.peak)));
  }
  const float share = 1 / (Sum(Load(s.sums)) + extra);
  for (size_t d = 0; d < a.width; d += kWidth) {
    const F mean = Fma(Load(s.out + d), Set(share), Set(0));  // + 0: whether a zero is -0 may depend on slots not seen
    a.width - d < kWidth ? StorePart(query.out + d, a.width - d, mean) : Store(query.out + d, mean);
  }
}

template <class T>
inline void AttendStack(const AttendArgs& a) {
  const AttendLayout layout(a.width);
  QueryState states[kMaxStack];
  size_t first = std::numeric_limits<size_t>::max(), last = 0;
  for (size_t i = 0; i < a.queries.size(); ++i) {
    states[i].weights = a.scratch + layout.weights + i * layout.block_stride;
    states[i].sums = a.scratch + layout.sums + i * AttendLayout::kSums;
    states[i].out = a.scratch + layout.outs + i * layout.width_stride;
    std::fill_n(states[i].sums, kWidth, 0.0f);
    std::fill_n(states[i].out, layout.width_stride, 0.0f);
    first = std::min(first, a.queries[i].first / kKvBlock);
    last = std::max(last, a.queries[i].last / kKvBlock);
  }
  for (size_t block = first; block <= last; ++block) {
    uint8_t members[kMaxStack];
    BlockRun run{block, 0, members};
    int32_t id = 0;
    for (size_t i = 0; i < a.queries.size(); ++i) {
      const AttendQuery& query = a.queries[i];
      if (block < query.first / kKvBlock || block > query.last / kKvBlock) continue;
      if (run.count > 0 && query.blocks[block] != id) {
        AttendBlock<T>(a, run, states, layout);
        run.count = 0;
      }
      id = query.blocks[block];
      members[run.count++] = uint8_t(i);
    }
    if (run.count > 0) AttendBlock<T>(a, run, states, layout);
  }
  for (size_t i = 0; i < a.queries.size(); ++i) Finish(a, a.queries[i], states[i], layout.width_stride);
}

inline void Attend(const AttendArgs& a) {
  switch (a.type) {
    case KvType::kF32:
      return AttendStack<float>(a);
    case KvType::kF16:
      return AttendStack<Half>(a);
    case KvType::kBF16:
      return AttendStack<Bf16>(a);
  }
}
