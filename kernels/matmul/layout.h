// Where things lie inside a panel of 16 rows.
//
// Quantised values are kept for the dot-product instructions: four consecutive columns of one row are four consecutive
// bytes, and the 16 rows of such a group of four columns are one line of 64 bytes. A block of 32 columns has 8 groups.
//
//   kBytes    one byte a value: 8 lines a block
//   kNibbles  line j holds group j in its low and group j + 4 in its high nibbles: 4 lines a block
//   +1 bit    64 bits a group, bit 4 * row + column: 8 words a block
//   +2 bits   line h holds the bits of groups 4h to 4h + 3, two bits each from the low end: 2 lines a block
//
// Each kind of data is one stream over the columns, each stream 64-byte aligned, so that no load crosses a line:
//
//   quants | high bits | scales | minimums | super-block scale | super-block minimum
//
// Scales, minimums: [block or half block][16 rows]. value = scale * (q - bias) - minimum.
#pragma once

#include <cstddef>

#include "kernels/matmul/packed_matrix.h"

// For helpers that must melt into their caller, so that tiles stay in registers and in the right target.
#define HASTEN_INLINE [[gnu::always_inline]] inline

namespace hasten {

struct PanelLayout {
  size_t high = 0, scales = 0, minimums = 0, d = 0, dmin = 0;  // byte offsets of the streams; quants start at 0
  size_t bytes = 0;                                            // of the panel
};

namespace layout_detail {
constexpr size_t Lines(size_t bytes) { return (bytes + 63) / 64 * 64; }
}  // namespace layout_detail

// Bytes of each stream per block of 32 columns (super: per 256).
struct StreamBytes {
  size_t quants, high, scales, minimums, d, dmin;
};

constexpr StreamBytes StreamsOf(PackedFormat format) {
  switch (format) {
    case PackedFormat::kQ4_0:
      return {256, 0, 32, 0, 0, 0};  // f16 scale
    case PackedFormat::kQ4_1:
      return {256, 0, 32, 32, 0, 0};  // f16 scale, f16 minimum (added: value = d q + m)
    case PackedFormat::kQ8_0:
      return {512, 0, 32, 0, 0, 0};  // f16 scale
    case PackedFormat::kQ4_K:
      return {256, 0, 16, 16, 32, 32};  // u8 scale and minimum, f16 d and dmin
    case PackedFormat::kQ5_K:
      return {256, 64, 16, 16, 32, 32};
    case PackedFormat::kQ6_K:
      return {256, 128, 32, 0, 32, 0};  // i8 scales of half blocks, f16 d
    case PackedFormat::kIQ4_NL:
      return {256, 0, 32, 0, 0, 0};  // f16 scale, values by table
    case PackedFormat::kMXFP4:
      return {256, 0, 16, 0, 0, 0};  // e8m0 scale, values by table
    case PackedFormat::kGeneric:
      return {512, 0, 128, 128, 0, 0};  // f32 scale and offset of half blocks
    case PackedFormat::kF32:
      return {32 * 64, 0, 0, 0, 0, 0};
    case PackedFormat::kF16:
    case PackedFormat::kBF16:
      return {32 * 32, 0, 0, 0, 0, 0};
  }
  return {};
}

constexpr PanelLayout LayoutOf(PackedFormat format, size_t cols) {
  using layout_detail::Lines;
  const StreamBytes s = StreamsOf(format);
  const size_t blocks = (cols + 31) / 32, supers = (cols + 255) / 256;
  PanelLayout l;
  l.high = Lines(blocks * s.quants);
  l.scales = l.high + Lines(blocks * s.high);
  l.minimums = l.scales + Lines(blocks * s.scales);
  l.d = l.minimums + Lines(blocks * s.minimums);
  l.dmin = l.d + Lines(supers * s.d);
  l.bytes = l.dmin + Lines(supers * s.dmin);
  return l;
}

// Values that table formats look up: biased so that they are unsigned bytes. IQ4_NL: + 128; MXFP4 (doubled): + 128.
// Sources: ggml's kvalues_iq4nl; OCP Microscaling Formats v1.0, E2M1.
inline constexpr unsigned char kIQ4_NLValues[16] = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};
inline constexpr unsigned char kMXFP4Values[16] = {128, 129, 130, 131, 132, 134, 136, 140,
                                                   128, 127, 126, 125, 124, 122, 120, 116};

}  // namespace hasten
