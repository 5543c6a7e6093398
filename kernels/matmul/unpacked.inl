// Many rows of formats whose values are dear to unpack: two panels at a time are turned into bytes and float scales once for
// all rows, so many blocks of them that they stay in the first cache, and sums wait in memory from one stretch of blocks to the
// next. The same sums in the same order as in Tile. Included behind tile.inl.
//
// Two Zen 5 cores, 256 rows of 2,048 columns, in turns with Tile: Q5_K 1.17 times, Q6_K 1.10, Q4_K 1.07; Q4_0, two operations a
// line, 0.96, and unpacked as a whole 0.86, since twice the bytes come from the second cache.

template <class Format>
struct Unpacked {
  static constexpr int kPanels = 2;
  static constexpr size_t kParts = Format::kHalves ? 2 : 1;  // of a block, with scales of their own
  static constexpr size_t kMostBlocks = 18;                  // 18 KB of bytes; 576 columns are one stretch

  size_t first, count;  // blocks
  alignas(64) uint8_t lines[kMostBlocks][8][kPanels][64];
  alignas(64) float scales[kMostBlocks][kParts][kPanels][kPanelRows];
  alignas(64) float minimums[Format::kMinimums ? kMostBlocks : 1][kParts][kPanels][kPanelRows];

  void Fill(const Panel& panel, Range blocks) {
    first = blocks.begin, count = blocks.size();
    for (size_t b = 0; b < count; ++b)
      Unrolled<kPanels>([&](auto p) __attribute__((always_inline)) {
        const Place<p> place(panel, first + b);
        Unrolled<4>([&](auto j) __attribute__((always_inline)) {
          Simd::StoreLine(lines[b][j][p], Format::template Line<0, j>(place));
          Simd::StoreLine(lines[b][4 + j][p], Format::template Line<1, j>(place));
        });
        Unrolled<int(kParts)>([&](auto h) __attribute__((always_inline)) {
          Simd::Store(scales[b][h][p], Format::Scale(place, h), kPanelRows);
          if constexpr (Format::kMinimums) Simd::Store(minimums[b][h][p], Format::Minimum(place, h), kPanelRows);
        });
      });
  }
};

// acc[p][c] += part h of block b, e being the entry of its first row of x.
template <class Format, int C>
HASTEN_INLINE void AddUnpacked(const Unpacked<Format>& w, size_t b, size_t h, const QuantRows& x, size_t e, F acc[2][C]) {
  constexpr size_t kParts = Unpacked<Format>::kParts, kLines = 8 / kParts;
  const int8_t* const q = x.q + e * kQuantBlock;
  I sum[2][C];
  StartSums<Format, C>(x, e, h, sum[0]);
#pragma GCC unroll 16
  for (int c = 0; c < C; ++c) sum[1][c] = sum[0][c];
#pragma GCC unroll 8
  for (size_t j = kLines * h; j < kLines * (h + 1); ++j) {
    const B first = Simd::Line(w.lines[b][j][0]), second = Simd::Line(w.lines[b][j][1]);
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) {
      const Q four = Simd::Four(q + size_t(c) * kQuantBlock + 4 * j);
      sum[0][c] = Simd::template Dot<Format::kWide>(sum[0][c], first, four);
      sum[1][c] = Simd::template Dot<Format::kWide>(sum[1][c], second, four);
    }
  }
  const F scale[2] = {Simd::Floats(w.scales[b][h][0]), Simd::Floats(w.scales[b][h][1])};
  AddScaled<2, C>(sum, x, e, scale, acc);
  if constexpr (Format::kMinimums)
#pragma GCC unroll 2
    for (size_t p = 0; p < 2; ++p)
      SubtractMinimum<C>(Simd::Floats(w.minimums[b][h][p]), kParts == 2 ? x.scaled_halves + 2 * e + h : x.scaled_sum + e,
                         kParts, acc[p]);
}

// C rows from `row` on. sums: [2][C][16 rows], what the blocks before came to; behind the last they go to y.
template <class Format, int C>
void UnpackedTile(const MatMulIntArgs& a, size_t panel, const Unpacked<Format>& w, size_t row, float* sums) {
  const size_t rows = a.x.tile_rows(row);
  const bool begins = w.first == 0, ends = w.first + w.count == a.x.blocks();
  F acc[2][C];
#pragma GCC unroll 2
  for (size_t p = 0; p < 2; ++p)
#pragma GCC unroll 16
    for (size_t c = 0; c < C; ++c) {
      acc[p][c] = begins ? Simd::Zeros() : Simd::Floats(sums + (p * C + c) * kPanelRows);
      if (ends) AskFor(a, panel + p, row + c);
    }
  size_t e = a.x.entry(w.first, row);
  for (size_t b = 0; b < w.count; ++b, e += rows)
    Unrolled<int(Unpacked<Format>::kParts)>(
        [&](auto h) __attribute__((always_inline)) { AddUnpacked<Format, C>(w, b, h, a.x, e, acc); });
  if (ends) {
    StoreSums<C>(a, panel, row, acc[0]);
    StoreSums<C>(a, panel + 1, row, acc[1]);
    return;
  }
#pragma GCC unroll 2
  for (size_t p = 0; p < 2; ++p)
#pragma GCC unroll 16
    for (size_t c = 0; c < C; ++c) Simd::Store(sums + (p * C + c) * kPanelRows, acc[p][c], kPanelRows);
}

// Rows [first, end) of one tile of QuantRows, as TileRows takes them.
template <class Format, int C, int... kSmaller>
HASTEN_INLINE void UnpackedTileRows(const MatMulIntArgs& a, size_t panel, const Unpacked<Format>& w, Range rows, float* sums,
                                    std::integer_sequence<int, C, kSmaller...>) {
  for (; rows.size() >= C; rows.begin += C, sums += C * 2 * kPanelRows) UnpackedTile<Format, C>(a, panel, w, rows.begin, sums);
  if constexpr (sizeof...(kSmaller) > 0)
    if (rows.size() > 0) UnpackedTileRows<Format>(a, panel, w, rows, sums, std::integer_sequence<int, kSmaller...>{});
}

template <class Format>
void UnpackedRows(const MatMulIntArgs& a, const Group& group, size_t panel) {
  constexpr size_t kMostRows = 256;  // whose sums wait: 32 KB
  alignas(64) float sums[kMostRows * 2 * kPanelRows];
  Unpacked<Format> w;
  const Panel start(group, Format::kSize, panel);
  const std::span<const uint8_t> next = NextGroup(a, group);
  const size_t blocks = a.x.blocks(), stretches = (blocks + w.kMostBlocks - 1) / w.kMostBlocks;
  for (size_t first = a.rows.begin; first < a.rows.end; first += kMostRows) {
    const size_t end = std::min(first + kMostRows, a.rows.end);
    for (size_t s = 0; s < stretches; ++s) {
      w.Fill(start, {blocks * s / stretches, blocks * (s + 1) / stretches});
      AskForPart(next, s, stretches);
      for (size_t i = first; i < end; i += kRowTile)
        UnpackedTileRows<Format>(a, group.first + panel, w, {i, std::min(i + kRowTile, end)},
                                 sums + (i - first) * 2 * kPanelRows, Simd::Tiles{});
    }
  }
}
