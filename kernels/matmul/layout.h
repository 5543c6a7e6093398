// Where things lie inside of a group of panels of 16 rows.
//
// Quantised values are kept for the dot-product instructions: four consecutive columns of one row are four consecutive
// bytes, and the 16 rows of such a group of four columns are one line of 64 bytes. A block of 32 columns has 8 groups.
//
//   kBytes    one byte a value: 8 lines a block
//   kNibbles  line j holds group j in its low and group j + 4 in its high nibbles: 4 lines a block
//   +1 bit    64 bits a group, bit 4 * row + column: 8 words a block, behind the nibbles
//   +2 bits   line h holds the bits of groups 4h to 4h + 3, two bits each from the low end: 2 lines a block, behind the nibbles
//
// Integer panels stand in groups of four, and a group lies block by block, so that one row of activations reads a whole matrix
// as one stream from its first byte to its last: panels of their own are many short streams, which the hardware is slow to
// follow (one core, Zen 4, 576 columns: 15 GB/s with them, 29 so, of 31 that reading alone takes). A block's record is
//
//   quants of each panel, its high bits with them | scales of each | minimums of each | up to a whole line
//
// and before the 8 records of 256 columns stands a head: super-block scales of each panel | super-block minimums of each.
// Streams that lie side by side within it are followed as badly as many short ones (high bits of all panels together: 11 GB/s
// for Q6_K, and 29 so). Where the last group has fewer panels, so do its records. Float panels stand alone: [columns][16 rows].
//
// Scales, minimums: [block or half block][16 rows]. value = scale * (q - bias) - minimum.
#pragma once

#include <cstddef>

#include "kernels/matmul/packed_matrix.h"

// For helpers that must melt into their caller, so that tiles stay in registers and in the right target.
#define HASTEN_INLINE [[gnu::always_inline]] inline

namespace hasten {

// Bytes of a panel per block of 32 columns (d, dmin: per 256).
struct StreamBytes {
  size_t quants, scales, minimums, d, dmin;
};

inline constexpr size_t kNibbleBytes = 256;  // of a panel's block; high bits come behind them

constexpr StreamBytes StreamsOf(PackedFormat format) {
  switch (format) {
    case PackedFormat::kQ4_0:
      return {256, 32, 0, 0, 0};  // f16 scale
    case PackedFormat::kQ4_1:
      return {256, 32, 32, 0, 0};  // f16 scale, f16 minimum (added: value = d q + m)
    case PackedFormat::kQ8_0:
      return {512, 32, 0, 0, 0};  // f16 scale
    case PackedFormat::kQ4_K:
      return {256, 16, 16, 32, 32};  // u8 scale and minimum, f16 d and dmin
    case PackedFormat::kQ5_K:
      return {256 + 64, 16, 16, 32, 32};
    case PackedFormat::kQ6_K:
      return {256 + 128, 32, 0, 32, 0};  // i8 scales of half blocks, f16 d
    case PackedFormat::kIQ4_NL:
      return {256, 32, 0, 0, 0};  // f16 scale, values by table
    case PackedFormat::kMXFP4:
      return {256, 16, 0, 0, 0};  // e8m0 scale, values by table
    case PackedFormat::kGeneric:
      return {512, 128, 128, 0, 0};  // f32 scale and offset of half blocks
    case PackedFormat::kF32:
      return {32 * 64, 0, 0, 0, 0};
    case PackedFormat::kF16:
    case PackedFormat::kBF16:
      return {32 * 32, 0, 0, 0, 0};
  }
  return {};
}

struct GroupLayout {
  size_t scales = 0, minimums = 0, record = 0;  // offsets within a block's record, and its bytes
  size_t dmin = 0, head = 0;                    // the same of a head, which begins with d
  size_t bytes = 0;                             // of the group

  constexpr size_t Record(size_t block) const { return (block / 8 + 1) * head + block * record; }
  constexpr size_t Head(size_t block) const { return block / 8 * (head + 8 * record); }
};

constexpr GroupLayout LayoutOf(PackedFormat format, size_t cols, size_t panels) {
  const auto lines = [](size_t bytes) { return (bytes + 63) / 64 * 64; };
  const StreamBytes s = StreamsOf(format);
  const size_t blocks = (cols + 31) / 32;
  GroupLayout l;
  l.scales = panels * s.quants;
  l.minimums = l.scales + panels * s.scales;
  l.record = lines(l.minimums + panels * s.minimums);
  l.dmin = panels * s.d;
  l.head = lines(l.dmin + panels * s.dmin);
  l.bytes = blocks * l.record + (blocks + 7) / 8 * l.head;
  return l;
}

// Values that table formats look up: biased so that they are unsigned bytes. IQ4_NL: + 128; MXFP4 (doubled): + 128.
// Sources: ggml's kvalues_iq4nl; OCP Microscaling Formats v1.0, E2M1.
inline constexpr unsigned char kIQ4_NLValues[16] = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};
inline constexpr unsigned char kMXFP4Values[16] = {128, 129, 130, 131, 132, 134, 136, 140,
                                                   128, 127, 126, 125, 124, 122, 120, 116};

}  // namespace hasten
