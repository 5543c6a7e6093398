// Products in fixed point over the vector operations of kernels/simd/: of int16 in pairs, summed up in 32-bit integers, where
// order does not matter. Keys and values lie so in the cache (kv_block.h); a query is rounded once a stack, weights once a
// block.
//
// How large numbers may be so that no sum leaves 32 bits: it is at most the product of the lengths (as vectors) of what is
// multiplied. K keys of 13 bits are at most 2^13 sqrt(K) long, so a query may be 2^18 / sqrt(K), 15 bits at width 64; of int8
// keys it is its largest number that counts. 32 values of 13 bits times weights of 13 bits fit by their largest numbers.
template <class T>
inline constexpr float kLargestStored = KvLargest(sizeof(T) == 1 ? KvType::kI8 : KvType::kI16);
template <class T>
inline constexpr float kLargestWeight = sizeof(T) == 1 ? 32767 : 8191;

// The largest number of a query, `length` times which it is long.
template <class T>
inline float LargestOfQuery(size_t width, float length) {
  const float root = std::sqrt(float(width));
  const float longest = 0x1p31f / (kLargestStored<T> * root) - root;  // rounding adds at most half a root
  return std::min(32767.0f, longest / length);
}

// Rows of columns, two rows interleaved: [rows / 2][stride][2].
template <class T>
struct PairedOperand {
  const T* data;
  size_t stride;
  ptrdiff_t ahead = 0;  // as Operand has it
};

// out[r][c] = (accumulate ? itself : 0) + scale[r] sum_i in[r][i] b[i][c], i over `pairs` pairs.
template <size_t kRows, size_t kVectors, class T>
inline void FixedTile(const int16_t* const* in, size_t pairs, PairedOperand<T> b, const float* scale, float* const* out,
                      size_t column, bool accumulate) {
  DotSum sum[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) sum[r][v] = DotSum{};
  const T* row = b.data + 2 * column;
  for (size_t i = 0; i < pairs; ++i, row += 2 * b.stride) {
    Ahead(row, 2 * kVectors * kWidth, b.ahead);
    Pairs line[kVectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) line[v] = LoadPairs(row + 2 * v * kWidth);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      const Pairs factor = SetPair(in[r] + 2 * i);
#pragma GCC unroll 4
      for (size_t v = 0; v < kVectors; ++v) sum[r][v] = Dot(sum[r][v], factor, line[v]);
    }
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) {
      float* const to = out[r] + column + v * kWidth;
      const F product = ToFloat(sum[r][v]), s = Set(scale[r]);
      Store(to, accumulate ? Fma(product, s, Load(to)) : Mul(product, s));
    }
}

template <class T, size_t kRows = kFixedRows>
inline void FixedRows(size_t rows, const int16_t* const* in, size_t pairs, PairedOperand<T> b, const float* scale,
                      float* const* out, size_t columns, bool accumulate) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return FixedRows<T, kRows - 1>(rows, in, pairs, b, scale, out, columns, accumulate);
  }
  size_t c = 0;
  if constexpr (2 * kRows < kFixedRows)
    for (; c + 2 * kTileColumns <= columns; c += 2 * kTileColumns)
      FixedTile<kRows, 2 * kTileVectors>(in, pairs, b, scale, out, c, accumulate);
  for (; c < columns; c += kTileColumns) FixedTile<kRows, kTileVectors>(in, pairs, b, scale, out, c, accumulate);
}

// The same for up to kTileRows rows.
template <class T>
inline void FixedProduct(size_t rows, const int16_t* const* in, size_t pairs, PairedOperand<T> b, const float* scale,
                         float* const* out, size_t columns, bool accumulate) {
  for (size_t r = 0; r < rows; r += kFixedRows)
    FixedRows<T>(std::min(kFixedRows, rows - r), in + r, pairs, b, scale + r, out + r, columns, accumulate);
}

// Rows of paired columns to int16, padded with zeros to the stride.
template <class T>
inline void Spread(const T* from, size_t row_pairs, size_t columns, int16_t* to, size_t stride) {
  for (size_t i = 0; i < row_pairs; ++i, from += 2 * columns, to += 2 * stride) {
    const size_t whole = columns / kWidth * kWidth;
    for (size_t c = 0; c < whole; c += kWidth) StorePairs(to + 2 * c, LoadPairs(from + 2 * c));
    for (size_t c = 2 * whole; c < 2 * columns; ++c) to[c] = from[c];
    std::fill(to + 2 * columns, to + 2 * stride, int16_t{0});
  }
}
