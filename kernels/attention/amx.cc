// Attention with its products on the matrix unit: 16 queries by 16 columns by 32 terms in one instruction, on numbers of 16
// bits (BF16). A number is split in two, x = high + low, each of 8 significant bits, and a product is
//   high high + high low + low high:
// exact for keys and values of float16 (11 bits), and good to 16 bits for queries and weights. Order of addition: 32 terms
// at a time, in each of them the three products in this order; the unit adds even and odd terms apart. None of it depends
// on which queries share a tile.
// Source: Intel SDM vol. 2, TDPBF16PS; splitting: Henry, Tang and Heinecke 2019, "Leveraging the bfloat16 datatype for
// higher-precision computations".
#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <type_traits>

#include "base/half.h"
#include "base/threads.h"
#include "kernels/attention/layout.h"

#if HASTEN_SIMD && defined(__x86_64__) && HASTEN_KV_BLOCK == 32
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593: its own AVX-512 headers trip these
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma,f16c,amx-tile,amx-bf16")

namespace hasten::avx512 {
AttendFn AttendAvx512;
}

namespace hasten::amx {
namespace {

#include "kernels/simd/avx512.inl"

#include "kernels/math/math.inl"

#include "kernels/simd/amx.inl"

inline constexpr size_t kTileRows = 2 * kUnitRows;

#include "kernels/attention/softmax.inl"

// Two matrices of 16-bit numbers whose sum is one of floats. `stride` in numbers, from one row to the next.
struct Split {
  uint16_t *high, *low;
  size_t stride;
  Split Row(size_t row) const { return {high + row * stride, low + row * stride, stride}; }
  Split At(size_t column) const { return {high + column, low + column, stride}; }
};

// To the nearest 8 significant bits (ties away from zero), so that what is left is below 2^-8 of it. Of a NaN at least the
// rest stays one.
inline F HighPart(F x) {
  const __m512i rounded = _mm512_add_epi32(_mm512_castps_si512(x), _mm512_set1_epi32(0x8000));
  return _mm512_castsi512_ps(_mm512_and_si512(rounded, _mm512_set1_epi32(int(0xffff0000))));
}

// 32 floats of a row become the first operand of a product.
inline void SplitRow(F x0, F x1, Split to) {
  const F high0 = HighPart(x0), high1 = HighPart(x1);
  _mm512_storeu_si512(to.high, __m512i(_mm512_cvtne2ps_pbh(high1, high0)));
  _mm512_storeu_si512(to.low, __m512i(_mm512_cvtne2ps_pbh(Sub(x1, high1), Sub(x0, high0))));
}

inline F LoadSome(const Half* p, size_t count) { return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(First(count), p)); }
inline F LoadSome(const Bf16* p, size_t count) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(First(count), p)), 16));
}
inline __m512i Pairs(F even, F odd) {  // the upper halves of both, side by side
  return _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_srli_epi32(_mm512_castps_si512(even), 16), _mm512_castps_si512(odd));
}

template <class T>
inline void SplitPair(F even, F odd, size_t column, Split to) {
  const F even_high = HighPart(even), odd_high = HighPart(odd);
  _mm512_storeu_si512(to.high + 2 * column, Pairs(even_high, odd_high));
  if constexpr (!std::is_same_v<T, Bf16>)
    _mm512_storeu_si512(to.low + 2 * column, Pairs(Sub(even, even_high), Sub(odd, odd_high)));
}

// rows x columns numbers become the second operand of a product: two rows side by side, as
// [whole_rows / 2][whole_columns][2], with zeros where there are none.
template <class T>
inline void SplitPairs(const T* from, size_t rows, size_t columns, size_t whole_rows, size_t whole_columns, Split to) {
  for (size_t r = 0; r < whole_rows; r += 2, from += 2 * columns, to = to.Row(1)) {
    const size_t whole = r + 1 < rows ? columns / kWidth * kWidth : 0;
    for (size_t c = 0; c < whole; c += kWidth) SplitPair<T>(LoadAs(from + c), LoadAs(from + columns + c), c, to);
    for (size_t c = whole; c < whole_columns; c += kWidth) {
      const size_t count = c < columns ? std::min(kWidth, columns - c) : 0;
      SplitPair<T>(LoadSome(from + c, r < rows ? count : 0), LoadSome(from + columns + c, r + 1 < rows ? count : 0), c, to);
    }
  }
}

// sums[16 kUnits][32] = (accumulate ? themselves : 0) + a [16 kUnits][32 terms] b [32 terms][32]. Each unit of 16 rows has its
// own place for its sums.
template <int kUnits, bool kLowB>
inline void ProductTile(Split a, size_t terms, Split b, float* const sums[kUnits], size_t sum_stride, bool accumulate) {
  const size_t a_bytes = a.stride * 2, b_bytes = b.stride * 2, sum_bytes = sum_stride * 4;
  const auto load_a = [&](const uint16_t* at) __attribute__((always_inline)) {
    LoadTile<4>(at, a_bytes);
    if constexpr (kUnits > 1) LoadTile<5>(at + kUnitRows * a.stride, a_bytes);
  };
  const auto load_b = [&](const uint16_t* at) __attribute__((always_inline)) {
    LoadTile<6>(at, b_bytes);
    LoadTile<7>(at + 2 * kUnitRows, b_bytes);
  };
  const auto multiply = [&]() __attribute__((always_inline)) {
    AddBf16Products<0, 4, 6>();
    AddBf16Products<1, 4, 7>();
    if constexpr (kUnits > 1) AddBf16Products<2, 5, 6>(), AddBf16Products<3, 5, 7>();
  };
  if (accumulate) {
    LoadTile<0>(sums[0], sum_bytes), LoadTile<1>(sums[0] + kUnitRows, sum_bytes);
    if constexpr (kUnits > 1) LoadTile<2>(sums[1], sum_bytes), LoadTile<3>(sums[1] + kUnitRows, sum_bytes);
  } else {
    ZeroTile<0>(), ZeroTile<1>(), ZeroTile<2>(), ZeroTile<3>();
  }
  for (size_t t = 0; t < terms; t += 32, a = a.At(32), b = b.Row(16)) {
    load_a(a.high), load_b(b.high), multiply();
    if constexpr (kLowB) load_b(b.low), multiply();
    load_a(a.low);
    if constexpr (kLowB) load_b(b.high);
    multiply();
  }
  StoreTile<0>(sums[0], sum_bytes), StoreTile<1>(sums[0] + kUnitRows, sum_bytes);
  if constexpr (kUnits > 1) StoreTile<2>(sums[1], sum_bytes), StoreTile<3>(sums[1] + kUnitRows, sum_bytes);
}

// Whole tiles; where fewer queries are left, the rest of a unit's rows are computed and thrown away.
template <class T>
class UnitBlocks {
 public:
  explicit UnitBlocks(const AttendArgs& a) : a_(a), layout_(a.width) {
    const size_t width = layout_.width;
    for (size_t i = 0; i < a.queries.size(); ++i)
      for (size_t c = 0; c < width; c += 32) {
        const auto part = [&](size_t at) {
          return at < a.width ? LoadPart(a.queries[i].q + at, std::min(kWidth, a.width - at)) : Set(0);
        };
        SplitRow(part(c), part(c + kWidth), Queries().Row(i).At(c));
      }
  }
  size_t width_stride() const { return layout_.width; }
  QueryState State(size_t query) const {
    QueryState s;
    s.weights = nullptr;  // a tile's own
    s.sums = a_.scratch + layout_.sums + query * kWidth;
    s.out = a_.scratch + layout_.outs + query * layout_.width;
    return s;
  }

  void Attend(const BlockRun& run, QueryState* states) const {
    const T* keys = reinterpret_cast<const T*>(a_.base + size_t(run.id) * a_.block_bytes);
    size_t slots = 0;
    for (size_t i = 0; i < run.count; ++i)
      slots = std::max(slots, std::min(kKvBlock, a_.queries[run.queries[i]].last + 1 - run.block * kKvBlock));
    SplitPairs(keys, a_.width, kKvBlock, layout_.width, kKvBlock, Keys());
    SplitPairs(keys + kKvBlock * a_.width, slots, a_.width, kKvBlock, layout_.width, Values());
    for (size_t begin = 0, end; begin < run.count; begin = end) {
      end = begin + 1;  // a tile's rows lie side by side in the stack
      while (end < run.count && end - begin < kTileRows && run.queries[end] == run.queries[end - 1] + 1) ++end;
      for (size_t i = begin; i < end; ++i)
        states[run.queries[i]].weights = a_.scratch + layout_.scores + (i - begin) * kKvBlock;
      const QueryTile tile(a_, run, begin, end, states);
      const size_t first = run.queries[begin];
      tile.rows > kUnitRows ? Tile<2>(tile, first) : Tile<1>(tile, first);
    }
  }

 private:
  static constexpr bool kLow = !std::is_same_v<T, Bf16>;  // keys and values have a low part
  Split SplitAt(size_t offset, size_t rows, size_t stride) const {
    uint16_t* const at = reinterpret_cast<uint16_t*>(a_.scratch + offset);
    return {at, at + rows * stride, stride};
  }
  Split Queries() const { return SplitAt(layout_.queries, kMaxStack + kTileRows, layout_.width); }
  Split Keys() const { return SplitAt(layout_.keys, layout_.width / 2, 2 * kKvBlock); }
  Split Values() const { return SplitAt(layout_.values, kKvBlock / 2, 2 * layout_.width); }
  Split Weights() const { return SplitAt(layout_.split_weights, kTileRows, kKvBlock); }

  template <int kUnits>
  void Tile(const QueryTile& tile, size_t first) const {
    const size_t width = layout_.width;
    float* const scores = a_.scratch + layout_.scores;
    float* const unit_scores[2] = {scores, scores + kUnitRows * kKvBlock};
    ProductTile<kUnits, kLow>(Queries().Row(first), width, Keys(), unit_scores, kKvBlock, false);
    Softmax(a_, tile, width);
    for (size_t r = 0; r < tile.rows; ++r) SplitRow(Load(tile.weights[r]), Load(tile.weights[r] + kWidth), Weights().Row(r));
    AddValues<kUnits>(tile);
  }

  // out += weights V. The last unit may have rows that are nobody's: its sums go through a copy.
  template <int kUnits>
  void AddValues(const QueryTile& tile) const {
    const size_t width = layout_.width, whole = tile.rows / kUnitRows, rest = tile.rows % kUnitRows;
    float* const copy = a_.scratch + layout_.copy;
    for (size_t r = 0; r < rest; ++r) std::copy_n(tile.out[whole * kUnitRows + r], width, copy + r * width);
    float* sums[kUnits];
    for (size_t unit = 0; unit < size_t(kUnits); ++unit) sums[unit] = unit < whole ? tile.out[unit * kUnitRows] : copy;
    for (size_t c = 0; c < width; c += 32) {
      ProductTile<kUnits, kLow>(Weights(), kKvBlock, Values().At(2 * c), sums, width, true);
      for (float*& at : sums) at += 32;
    }
    for (size_t r = 0; r < rest; ++r) std::copy_n(copy + r * width, width, tile.out[whole * kUnitRows + r]);
  }

  const AttendArgs& a_;
  const UnitAttendLayout layout_;
};

#include "kernels/attention/attention.inl"

}  // namespace

void AttendAmx(const AttendArgs& a) {
  if (a.type == KvType::kF32) return avx512::AttendAvx512(a);  // 24 bits do not fit in two numbers
  const UnitShapes shapes;
  _tile_loadconfig(&shapes);
  a.type == KvType::kBF16 ? AttendStack<UnitBlocks<Bf16>>(a) : AttendStack<UnitBlocks<Half>>(a);
  _tile_release();
}

}  // namespace hasten::amx

#pragma GCC pop_options
#endif
