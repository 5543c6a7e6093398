// Where the parts of attention's scratch lie, in floats. Every row is padded to 32 numbers, so that no loop has a tail.
#pragma once

#include <cstddef>

#include "kernels/attention/attention.h"

namespace hasten {

struct AttendLayout {
  static constexpr size_t kSums = 16;  // partial sums of a query's weights: the lanes of the widest vector
  size_t block_stride = (kKvBlock + 31) / 32 * 32, width_stride;
  size_t keys = 0, values;     // one block in float32
  size_t weights, sums, outs;  // [kMaxStack] each: a block's weights, their sums, the weighted values
  // In fixed point: the scales of one block; [kMaxStack] queries and weights in int16.
  size_t scales, fixed_queries, fixed_weights;
  size_t floats;
  explicit AttendLayout(size_t width)
      : width_stride((width + 31) / 32 * 32),
        values((width + 1) * block_stride),
        weights(values + kKvBlock * width_stride),
        sums(weights + kMaxStack * block_stride),
        outs(sums + kMaxStack * kSums),
        scales(outs + kMaxStack * width_stride),
        fixed_queries(scales + 2 * block_stride),
        fixed_weights(fixed_queries + kMaxStack * width_stride / 2),
        floats(fixed_weights + kMaxStack * block_stride / 2) {}
};

}  // namespace hasten
