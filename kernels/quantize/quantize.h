// From float weights to the blocks of a tensor type, with the least squared error that a search of scales finds.
//
// Shapes   `values` holds `elements` weights, a whole number of the type's blocks; `blocks` their bytes, overwritten.
// Errors   none: a NaN counts as 0 and magnitudes are cut to 2^30. F32, F16 and BF16 keep what they can express: a float16
//          beyond 65504 is infinite.
// Threads  pure; a block depends on its own weights only, so the caller splits anywhere between blocks.
// Bytes    the same on every machine: one implementation, whose sums have one order.
// Source   least squares over candidate scales, then over the integer scales of a block of 256; written here. Layouts as in
//          kernels/dequant/.
#pragma once

#include <cstddef>

#include "base/tensor_type.h"

namespace hasten {

bool CanQuantize(TensorType type);  // all but IQ3_S

void Quantize(TensorType type, const float* values, size_t elements, void* blocks);

}  // namespace hasten
