// Tiles of 16 rows of x by one panel on the matrix unit: 16 x 16 sums of a block in one instruction. Sums are integers and
// meet the same floats in the same order as in avx512.cc: the bytes are its own. A panel's line is already the layout that
// the unit wants of its second operand (four columns of 16 rows); a block of 16 rows of x is its first.
#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/matmul/layout.h"
#include "kernels/matmul/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593: its own AVX-512 headers trip it
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c,amx-tile,amx-int8")

namespace hasten::amx {

#include "kernels/matmul/simd512.inl"
#include "kernels/matmul/tile.inl"
#include "kernels/matmul/unpacked.inl"

#include "kernels/simd/amx.inl"

static constexpr size_t kMaxBlocks = 1024;  // of a panel unpacked on the stack: 512 KB

// A part is what has one scale: a block of 32 columns, or half of one. Tile registers: 0 and 1 sums, 2 activations and 3
// weights of a block, 4 and 5 of half a block.
struct TileShapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t column_bytes[16] = {64, 64, 32, 64, 16, 64};
  uint8_t rows[16] = {16, 16, 16, 8, 16, 4};
};

// The panel's values without their bias, one byte each, as [block][8 groups][16 rows][4 columns].
template <class Format>
void UnpackPanel(const Panel& panel, size_t blocks, int8_t* memory) {
  const B bias = _mm512_set1_epi8(char(Format::kBias));
  for (size_t b = 0; b < blocks; ++b)
    Unrolled<2>([&](auto h) __attribute__((always_inline)) {
      Unrolled<4>([&](auto j) __attribute__((always_inline)) {
        const B line = Format::template Line<h, j>(Place<0>(panel, b));
        _mm512_store_si512(memory + b * 512 + h * 256 + j * 64, _mm512_sub_epi8(line, bias));
      });
    });
}

using Sums = int32_t[kUnitRows][16];

// 16 rows of x times one panel, part after part.
template <class Format>
class MatrixTile {
 public:
  MatrixTile(const MatMulIntArgs& a, const Panel& panel, const int8_t* weights, size_t first)
      : x_(a.x), panel_(panel), weights_(weights), start_(a.x.entry(0, first)), rows_(a.x.tile_rows(first)) {}

  // Multiplies part i, takes the sums of part i - 1 out of the unit, and adds those of part i - 2 to `acc`: the unit's
  // answer is 50 cycles away, and a store that waits for it would hold up whatever comes after it.
  HASTEN_INLINE void Run(F acc[kUnitRows]) {
    const size_t parts = x_.blocks() * kParts;
    size_t i = 0;
    for (; i + 1 < parts; i += 2) {
      Multiply<0>(i);
      if (i > 0) TakeOut<1>(i - 1), AddScaled(i - 2, acc);
      Multiply<1>(i + 1);
      TakeOut<0>(i);
      if (i > 0) AddScaled(i - 1, acc);
    }
    if (i < parts) Multiply<0>(i);
    if (i > 0) TakeOut<1>(i - 1), AddScaled(i - 2, acc), AddScaled(i - 1, acc);
    if (i < parts) TakeOut<0>(i), AddScaled(i, acc);
  }

 private:
  static constexpr size_t kParts = Format::kHalves ? 2 : 1;  // of a block

  size_t Entry(size_t part) const { return start_ + part / kParts * rows_; }

  template <int kSums>
  HASTEN_INLINE void Multiply(size_t part) const {
    const int8_t* q = x_.q + Entry(part) * kQuantBlock;
    ZeroTile<kSums>();
    if constexpr (Format::kHalves) {
      LoadTile<4>(q + part % 2 * 16, 32);
      LoadTile<5>(weights_ + part * 256, 64);
      AddInt8Products<kSums, 4, 5>();
    } else {
      LoadTile<2>(q, 32);
      LoadTile<3>(weights_ + part * 512, 64);
      AddInt8Products<kSums, 2, 3>();
    }
  }

  template <int kSums>
  HASTEN_INLINE void TakeOut(size_t part) {
    StoreTile<kSums>(sums_[part % kRing], 64);
  }

  HASTEN_INLINE void AddScaled(size_t part, F acc[kUnitRows]) const {
    const size_t e = Entry(part);
    const Place<0> p(panel_, part / kParts);
    const F scale = Format::Scale(p, part % kParts);
    const Sums& sums = sums_[part % kRing];
#pragma GCC unroll 16
    for (size_t c = 0; c < kUnitRows; ++c) {
      const F sum = _mm512_cvtepi32_ps(_mm512_load_si512(sums[c]));
      acc[c] = Simd::Fma(Simd::Mul(sum, _mm512_set1_ps(x_.scale[e + c])), scale, acc[c]);
    }
    if constexpr (Format::kMinimums)
      SubtractMinimum<kUnitRows>(Format::Minimum(p, part % kParts),
                                 Format::kHalves ? x_.scaled_halves + 2 * e + part % 2 : x_.scaled_sum + e, kParts, acc);
  }

  static constexpr size_t kRing = 4;
  const QuantRows& x_;
  const Panel& panel_;
  const int8_t* weights_;
  const size_t start_, rows_;
  alignas(64) Sums sums_[kRing];
};

// Asks memory for the part of the next panel that falls to rows [first, first + kUnitRows): unpacking it would stand still.
inline void AskForNextPanel(const MatMulIntArgs& a, size_t panel, size_t first) {
  if (panel + 1 >= a.panels.end) return;
  const Group group = GroupOf(a.w, panel + 1);
  const size_t blocks = a.x.blocks(), from = first - a.rows.begin, bytes = StreamsOf(a.w.format()).quants;
  const size_t end = std::min(blocks, blocks * (from + kUnitRows) / a.rows.size());
  for (size_t b = blocks * from / a.rows.size(); b < end; ++b) {
    const uint8_t* const quants = group.bytes + group.at.Record(b) + (panel + 1 - group.first) * bytes;
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(quants + at, 0, 2);
  }
}

template <class Format>
void MatrixPanels(const MatMulIntArgs& a) {
  alignas(64) int8_t weights[kMaxBlocks * 512];
  for (size_t panel = a.panels.begin; panel < a.panels.end; ++panel) {
    const Group group = GroupOf(a.w, panel);
    const size_t of_group = panel - group.first;
    const Panel p(group, Format::kSize, of_group);
    UnpackPanel<Format>(p, a.x.blocks(), weights);
    for (size_t tile = a.rows.begin; tile < a.rows.end; tile += kRowTile) {
      const size_t end = std::min(tile + kRowTile, a.rows.end);
      size_t i = tile;
      for (; i + kUnitRows <= end; i += kUnitRows) {
        F acc[kUnitRows];
        AskForNextPanel(a, panel, i);
        for (size_t c = 0; c < kUnitRows; ++c) __builtin_prefetch(a.out.y + (i + c) * a.out.stride + panel * kPanelRows, 1);
#pragma GCC unroll 16
        for (F& sum : acc) sum = Simd::Zeros();
        MatrixTile<Format>(a, p, weights, i).Run(acc);
        StoreSums<int(kUnitRows)>(a, panel, i, acc);
      }
      BetweenTiles ahead;
      if (i < end) TileRows<Format, 1>(a, group, of_group, i, end, ahead, Simd::Tiles{});
    }
  }
}

void MatMulInt(const MatMulIntArgs& a) {
  if (a.rows.size() < 2 * kUnitRows || a.x.blocks() > kMaxBlocks)
    return WithFormat(a.w.format(), [&]<class Format>() { Panels<Format>(a); });
  const TileShapes shapes;
  _tile_loadconfig(&shapes);
  WithFormat(a.w.format(), [&]<class Format>() { MatrixPanels<Format>(a); });
  _tile_release();
}

}  // namespace hasten::amx

#pragma GCC pop_options
#endif
