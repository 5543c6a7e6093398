// Rotary position embedding of one row: rotates pairs of numbers of each head by position * inverse_frequency.
//
// Shapes   x [heads, head_width], in place; inverse_frequency [pairs], 2 pairs <= head_width. What lies beyond stays.
// Units    radians per position; cosine and sine are multiplied by `scale`.
// Errors   none.
// Threads  pure; the caller splits rows.
// Bytes    depend on the row and its position alone.
// Source   Su et al. 2021, "RoFormer"; pairing by halves as in GPT-NeoX.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/variant.h"

namespace hasten {

struct RopeArgs {
  const float* inverse_frequency;
  size_t pairs;
  float scale;
  bool halves;  // pairs are (i, i + pairs); otherwise (2i, 2i + 1)
  int32_t position;
  float* x;
  size_t heads, head_width;
};
using RopeFn = void(const RopeArgs&);
std::span<const Variant<RopeFn>> RopeVariants();

}  // namespace hasten
