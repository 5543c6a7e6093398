// The products of a block in float32: scores = q K^T and out += weights V, both by Tile. Every number is one chain of fused
// multiply-adds in ascending order, so neither the tile's size nor who shares it can change a byte.
inline constexpr size_t kTileVectors = 2;
inline constexpr size_t kTileColumns = kTileVectors * kWidth;

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

// What a stack's queries look at, block by block, keys and values being of type T.
template <class T>
class FloatBlocks {
 public:
  explicit FloatBlocks(const AttendArgs& a) : a_(a), layout_(a.width) {}
  size_t width_stride() const { return layout_.width_stride; }
  QueryState State(size_t query) const {
    QueryState s;
    s.weights = a_.scratch + layout_.weights + query * layout_.block_stride;
    s.sums = a_.scratch + layout_.sums + query * AttendLayout::kSums;
    s.out = a_.scratch + layout_.outs + query * layout_.width_stride;
    return s;
  }

  void Attend(const BlockRun& run, QueryState* states) const {
    const T* keys = reinterpret_cast<const T*>(a_.base + size_t(run.id) * a_.block_bytes);
    const T* values = keys + kKvBlock * a_.width;
    const bool whole_tiles = kKvBlock % kTileColumns == 0 && a_.width % kTileColumns == 0;
    if (whole_tiles && (run.count <= kTileRows || std::is_same_v<T, float>))
      return Tiles<T>(run, states, {keys, kKvBlock}, {values, a_.width});
    size_t slots = 0;
    for (size_t i = 0; i < run.count; ++i)
      slots = std::max(slots, std::min(kKvBlock, a_.queries[run.queries[i]].last + 1 - run.block * kKvBlock));
    float* const wide_keys = a_.scratch + layout_.keys;
    float* const wide_values = a_.scratch + layout_.values;
    Convert(keys, a_.width, kKvBlock, wide_keys, layout_.block_stride);
    Convert(values, slots, a_.width, wide_values, layout_.width_stride);
    Tiles<float>(run, states, {wide_keys, layout_.block_stride}, {wide_values, layout_.width_stride});
  }

 private:
  template <class U>
  void Tiles(const BlockRun& run, QueryState* states, Operand<U> keys, Operand<U> values) const {
    for (size_t begin = 0; begin < run.count; begin += kTileRows) {
      const QueryTile tile(a_, run, begin, std::min(run.count, begin + kTileRows), states);
      Product(tile.rows, tile.in, a_.width, keys, tile.weights, kKvBlock, false);
      Softmax(a_, tile, layout_.width_stride);
      // A weight of 0 leaves a sum as it is, so slots that only other rows of the tile see do no harm.
      Product(tile.rows, tile.weights, tile.slots, values, tile.out, a_.width, true);
    }
  }

  const AttendArgs& a_;
  const AttendLayout layout_;
};
