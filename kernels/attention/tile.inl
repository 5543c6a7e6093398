// Products of floats over the vector operations of kernels/simd/. The including file gives kTileRows, the queries of one
// register tile. Every number is one chain of fused multiply-adds in ascending order, so neither the tile's size nor who shares
// it can change a byte.
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
  size_t stride;        // from one row of columns to the next
  ptrdiff_t ahead = 0;  // bytes from here to what is read next, 0: nothing
};

// While a block is read the next one is asked for, line by line, into the second cache: alone the hardware does not look beyond
// a block.
template <class T>
inline void Ahead(const T* row, size_t numbers, ptrdiff_t ahead) {
  for (size_t b = 0; b < numbers * sizeof(T); b += 64) __builtin_prefetch(reinterpret_cast<const char*>(row) + ahead + b, 0, 2);
}

// out[r][c] = (accumulate ? itself : 0) + sum_i in[r][i] b[i][c] for kRows rows and kVectors vectors of columns c from `column`
// on.
template <size_t kRows, size_t kVectors, class T>
inline void Tile(const float* const* in, size_t n, Operand<T> b, float* const* out, size_t column, bool accumulate) {
  F sum[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) sum[r][v] = accumulate ? Load(out[r] + column + v * kWidth) : Set(0);
  const T* row = b.data + column;
  for (size_t i = 0; i < n; ++i, row += b.stride) {
    Ahead(row, kVectors * kWidth, b.ahead);
    F line[kVectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) line[v] = LoadAs(row + v * kWidth);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      const F factor = Set(in[r][i]);
#pragma GCC unroll 4
      for (size_t v = 0; v < kVectors; ++v) sum[r][v] = Fma(factor, line[v], sum[r][v]);
    }
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (size_t v = 0; v < kVectors; ++v) Store(out[r] + column + v * kWidth, sum[r][v]);
}

// The same for all columns and `rows` up to kTileRows.
template <class T, size_t kRows = kTileRows>
inline void Product(size_t rows, const float* const* in, size_t n, Operand<T> b, float* const* out, size_t columns,
                    bool accumulate) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return Product<T, kRows - 1>(rows, in, n, b, out, columns, accumulate);
  }
  size_t c = 0;
  if constexpr (2 * kRows < kTileRows)
    for (; c + 2 * kTileColumns <= columns; c += 2 * kTileColumns) Tile<kRows, 2 * kTileVectors>(in, n, b, out, c, accumulate);
  for (; c < columns; c += kTileColumns) Tile<kRows, kTileVectors>(in, n, b, out, c, accumulate);
}

// Rows of `columns` numbers to floats, padded with zeros to the stride.
template <class T>
inline void Convert(const T* from, size_t rows, size_t columns, float* to, size_t stride, ptrdiff_t ahead) {
  for (size_t i = 0; i < rows; ++i, from += columns, to += stride) {
    Ahead(from, columns, ahead);
    const size_t whole = columns / kWidth * kWidth;
    for (size_t c = 0; c < whole; c += kWidth) Store(to + c, LoadAs(from + c));
    for (size_t c = whole; c < columns; ++c) to[c] = ToFloat(from[c]);
    std::fill(to + columns, to + stride, 0.0f);
  }
}
