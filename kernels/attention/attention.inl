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

// Where the parts of AttendScratchFloats lie.
struct AttendScratch {
  size_t block_stride = (kKvBlock + 31) / 32 * 32, width_stride;
  float *keys, *values, *weights, *sums, *outs;
  AttendScratch(float* at, size_t width) : width_stride((width + 31) / 32 * 32) {
    keys = at;
    values = keys + width * block_stride;
    weights = values + kKvBlock * width_stride;
    sums = weights + kMaxStack * block_stride;
    outs = sums + kMaxStack * 16;
  }
};

template <class T>
struct Operand {
  const T* data;
  size_t stride;  // from one row of columns to the next
};

// out[r][0, kTileColumns) = (accumulate ? itself : 0) + sum_i in[r][i] b[i][0, kTileColumns), for kRows rows.
template <size_t kRows, class T>
inline void Tile(const float* const* in, size_t n, Operand<T> b, float* const* out, bool accumulate) {
  F sum[kRows][kTileVectors];
#pragma GCC unroll 8
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (size_t v = 0; v < kTileVectors; ++v) sum[r][v] = accumulate ? Load(out[r] + v * kWidth) : Set(0);
  for (size_t i = 0; i < n; ++i) {
    F column[kTileVectors];
#pragma GCC unroll 2
    for (size_t v = 0; v < kTileVectors; ++v) column[v] = LoadAs(b.data + i * b.stride + v * kWidth);
#pragma GCC unroll 8
    for (size_t r = 0; r < kRows; ++r) {
      const F factor = Set(in[r][i]);
#pragma GCC unroll 2
      for (size_t v = 0; v < kTileVectors; ++v) sum[r][v] = Fma(factor, column[v], sum[r][v]);
    }
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 2
    for (size_t v = 0; v < kTileVectors; ++v) Store(out[r] + v * kWidth, sum[r][v]);
}

template <class T, size_t kRows = kTileRows>
inline void TileOf(size_t rows, const float* const* in, size_t n, Operand<T> b, float* const* out, bool accumulate) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return TileOf<T, kRows - 1>(rows, in, n, b, out, accumulate);
  }
  Tile<kRows>(in, n, b, out, accumulate);
}

// All columns: rows of `in` and `out` step by tiles to the right.
template <class T>
inline void Product(size_t rows, const float* const* in, size_t n, Operand<T> b, float* const* out, size_t columns,
                    bool accumulate) {
  float* at[kTileRows];
  for (size_t c = 0; c < columns; c += kTileColumns) {
    for (size_t r = 0; r < rows; ++r) at[r] = out[r] + c;
    TileOf<T>(rows, in, n, {b.data + c, b.stride}, at, accumulate);
  }
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

struct QueryState {
  float peak = std::numeric_limits<float>::lowest();  // greatest score so far, in powers of two
  float* weights;                                     // of the block at hand
  float* sums;                                        // of all weights so far, one for each lane of a vector
  float* out;                                         // weighted values so far
};

// Scores are kept in units of log 2, so that a weight is a power of two.
inline constexpr float kLog2E = 1.44269504f;

inline void Rescale(QueryState& s, float peak, size_t width) {
  const F shrink = Exp2(Set(s.peak - peak));
  s.peak = peak;
  Store(s.sums, Mul(Load(s.sums), shrink));
  for (size_t d = 0; d < width; d += kWidth) Store(s.out + d, Mul(Load(s.out + d), shrink));
}

// Turns the block's scores into weights; of its slots the query sees [begin, end).
inline void Softmax(const AttendArgs& a, QueryState& s, size_t begin, size_t end, size_t width) {
  const F none = Set(-std::numeric_limits<float>::infinity());
  const F factor = Set(a.softcap > 0 ? a.scale / a.softcap : a.scale * kLog2E), cap = Set(a.softcap * kLog2E);
  const bool all = begin == 0 && end == kKvBlock && kKvBlock % kWidth == 0;
  const F first = Set(float(begin)), last = Set(float(end));
  F peak = none;
  for (size_t i = 0; i < kKvBlock; i += kWidth) {
    F score = Mul(Load(s.weights + i), factor);
    if (a.softcap > 0) score = Mul(Tanh(score), cap);
    if (!all) {
      const F slot = Add(Iota(), Set(float(i)));
      score = Select(Less(slot, first), none, Select(Less(slot, last), score, none));
    }
    Store(s.weights + i, score);
    peak = Max(peak, score);
  }
  const float block_peak = Peak(peak);
  if (block_peak > s.peak) Rescale(s, block_peak, width);
  const F offset = Set(s.peak);
  F sum = Load(s.sums);
  for (size_t i = 0; i < kKvBlock; i += kWidth) {
    const F weight = Exp2(Sub(Load(s.weights + i), offset));
    Store(s.weights + i, weight);
    sum = Add(sum, weight);
  }
  Store(s.sums, sum);
}

inline Range SlotsSeen(const AttendQuery& query, size_t block) {
  const size_t start = block * kKvBlock;
  return {query.first > start ? query.first - start : 0, std::min(kKvBlock, query.last + 1 - start)};
}

// The queries of a stack that look at one block.
struct BlockRun {
  size_t block, count;
  const uint8_t* queries;
};

template <class T>
inline void AttendTiles(const AttendArgs& a, const BlockRun& run, QueryState* states, Operand<T> keys, Operand<T> values,
                        const AttendScratch& scratch) {
  for (size_t begin = 0; begin < run.count; begin += kTileRows) {
    const size_t rows = std::min(run.count - begin, kTileRows);
    const float* in[kTileRows];
    float* weights[kTileRows];
    float* out[kTileRows];
    size_t slots = 0;
    for (size_t r = 0; r < rows; ++r) {
      const size_t query = run.queries[begin + r];
      in[r] = a.queries[query].q;
      weights[r] = states[query].weights;
      out[r] = states[query].out;
      slots = std::max(slots, SlotsSeen(a.queries[query], run.block).end);
    }
    Product(rows, in, a.width, keys, weights, kKvBlock, false);
    for (size_t r = 0; r < rows; ++r) {
      const size_t query = run.queries[begin + r];
      const Range seen = SlotsSeen(a.queries[query], run.block);
      Softmax(a, states[query], seen.begin, seen.end, scratch.width_stride);
    }
    // A weight of 0 leaves a sum as it is, so positions that only other rows of the tile see do no harm.
    Product(rows, const_cast<const float* const*>(weights), slots, values, out, a.width, true);
  }
}

template <class T>
inline void AttendBlock(const AttendArgs& a, const BlockRun& run, QueryState* states, const AttendScratch& scratch) {
  const int32_t id = a.queries[run.queries[0]].blocks[run.block];
  const T* keys = reinterpret_cast<const T*>(a.base + size_t(id) * a.block_bytes);
  const T* values = keys + kKvBlock * a.width;
  const bool whole_tiles = kKvBlock % kTileColumns == 0 && a.width % kTileColumns == 0;
  if (whole_tiles && (run.count <= kTileRows || std::is_same_v<T, float>))
    return AttendTiles<T>(a, run, states, {keys, kKvBlock}, {values, a.width}, scratch);
  size_t slots = 0;
  for (size_t i = 0; i < run.count; ++i) slots = std::max(slots, SlotsSeen(a.queries[run.queries[i]], run.block).end);
  Convert(keys, a.width, kKvBlock, scratch.keys, scratch.block_stride);
  Convert(values, slots, a.width, scratch.values, scratch.width_stride);
  AttendTiles<float>(a, run, states, {scratch.keys, scratch.block_stride}, {scratch.values, scratch.width_stride}, scratch);
}

inline void Finish(const AttendArgs& a, const AttendQuery& query, QueryState& s, size_t width) {
  float extra = 0;
  if (a.sinks) {
    const float sink = query.sink * kLog2E;
    if (sink > s.peak) Rescale(s, sink, width);
    extra = LaneZero(Exp2(Set(sink - s.peak)));
  }
  const float share = 1 / (Sum(Load(s.sums)) + extra);
  for (size_t d = 0; d < a.width; d += kWidth) {
    const F mean = Fma(Load(s.out + d), Set(share), Set(0));  // + 0 turns a -0, which masked slots might not leave, into 0
    a.width - d < kWidth ? StorePart(query.out + d, a.width - d, mean) : Store(query.out + d, mean);
  }
}

template <class T>
inline void AttendStack(const AttendArgs& a) {
  const AttendScratch scratch(a.scratch, a.width);
  QueryState states[kMaxStack];
  size_t first = std::numeric_limits<size_t>::max(), last = 0;
  for (size_t i = 0; i < a.queries.size(); ++i) {
    states[i].weights = scratch.weights + i * scratch.block_stride;
    states[i].sums = scratch.sums + i * 16;
    states[i].out = scratch.outs + i * scratch.width_stride;
    std::fill_n(states[i].sums, kWidth, 0.0f);
    std::fill_n(states[i].out, scratch.width_stride, 0.0f);
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
        AttendBlock<T>(a, run, states, scratch);
        run.count = 0;
      }
      id = query.blocks[block];
      members[run.count++] = uint8_t(i);
    }
    if (run.count > 0) AttendBlock<T>(a, run, states, scratch);
  }
  for (size_t i = 0; i < a.queries.size(); ++i) Finish(a, a.queries[i], states[i], scratch.width_stride);
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
