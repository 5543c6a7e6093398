// Rows of activations rounded to int8, one scale per block of 32 columns: what integer weight products read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/threads.h"
#include "kernels/variant.h"

namespace hasten {

inline constexpr size_t kQuantBlock = 32;  // columns that share one activation scale

inline constexpr size_t kRowTile = 16;  // rows whose blocks lie side by side

// Integer sums start at a number whose bits, read as a float, are 1.5 * 2^23: adding an integer below 2^22 to the bits adds
// it to that float, so the sum is a float without a conversion. float(sum) * scale is then one multiply-add,
//   as_float(start + sum) * scale + minus_magic,   minus_magic = -1.5 * 2^23 * scale,
// exact because scales are kept to 22 bits. Source: the well-known magic-number conversion; its use here is our own.
inline constexpr int32_t kMagicBits = 0x4b400000;
inline constexpr float kMagic = 12582912.0f;

// Laid out tile by tile of kRowTile rows, within a tile block by block, so that a product walks through memory in one
// direction: entry(block, i) is where row i's block lies. The last tile holds as many rows as are left.
//
// Units  activation = q * scale; scale = amax / 127 of the block. E = n * cols / 32 entries.
struct QuantRows {
  int8_t* q;             // [E, 32]
  float* scale;          // [E]
  float* minus_magic;    // [E]     -kMagic * scale
  float* scaled_sum;     // [E]     scale * sum of q: what a weight's minimum is multiplied by
  float* scaled_halves;  // [E, 2]  the same for columns 0-15 and 16-31
  // What a sum starts from where weights are kept with a bias: kMagicBits - bias * sum of q.
  int32_t* start8;           // [E]
  int32_t* start128;         // [E]
  int32_t* start32_halves;   // [E, 2]
  int32_t* start128_halves;  // [E, 2]
  size_t n, cols;
  size_t blocks() const { return cols / kQuantBlock; }
  size_t tile_rows(size_t i) const { return std::min(kRowTile, n - i / kRowTile * kRowTile); }  // of the tile with row i
  size_t entry(size_t block, size_t i) const {
    return i / kRowTile * kRowTile * blocks() + block * tile_rows(i) + i % kRowTile;
  }
};

// Blocks [blocks.begin, blocks.end) of all rows, as rows of their own: the part of each array that they fill. Of one tile only
// (n at most kRowTile), where they lie together: lanes that quantise parts of it share no cache line but at the border, and
// lanes that quantise rows of it would share all of them (8 rows of 1,536 on two Zen 5 cores: 100 microseconds for 5).
QuantRows OfBlocks(const QuantRows& tile, Range blocks);

// What QuantRowsBytes rounds up by at most: nine arrays, each in whole cache lines.
inline constexpr size_t kQuantRowsPadding = 9 * 64;

// Memory that `n` rows of `cols` columns need, and the arrays laid out in such memory (64-byte aligned).
size_t QuantRowsBytes(size_t n, size_t cols);
QuantRows QuantRowsIn(void* memory, size_t n, size_t cols);

// Shapes   x: row i at x + i * stride, `cols` floats, a multiple of 32; out.n rows. Writes rows [rows.begin, rows.end).
// Errors   none. A block that holds an infinity or NaN, or a value over 10^33, gets products that are not finite; one whose
//          values are all below 10^-30 counts as zero.
// Threads  pure; the caller splits rows.
struct QuantizeRowsArgs {
  const float* x;
  size_t stride;
  Range rows;
  const QuantRows& out;
};
using QuantizeRowsFn = void(const QuantizeRowsArgs&);
void QuantizeRows(const QuantizeRowsArgs& args);
std::span<const Variant<QuantizeRowsFn>> QuantizeRowsVariants();

}  // namespace hasten
