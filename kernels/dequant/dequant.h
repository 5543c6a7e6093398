// From the blocks of a tensor type to the weights they mean, exactly.
//
// Shapes   `blocks` holds `elements` weights, a whole number of the type's blocks (InfoOf(type)); no alignment needed.
// Units    weights.
// Errors   none: every pattern of bytes means something (a NaN scale makes NaN weights).
// Threads  pure; the caller splits rows.
// Exact    the value is the one that ggml's dequantize_row_* computes in float32, up to the sign of a zero.
// Source   layouts: ggml's ggml-common.h and gguf-py's quants.py (MIT), read for the facts; the code is written here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/tensor_type.h"

namespace hasten {

void Dequantize(TensorType type, const void* blocks, size_t elements, float* out);

inline constexpr size_t kRun = 16;  // weights that share one scale and offset, in every integer type

// All types but F32, F16 and BF16.
bool HasIntegerWeights(TensorType type);

// The same weights as integers: weight[i] = scale[i / kRun] * q[i] + offset[i / kRun], and Dequantize computes just that.
// `q` has `elements` entries, `scale` and `offset` one for each run. scale * q is exact in float32 for every type, so the
// addition of the offset is the only rounding and a fused multiply-add gives the same; offset is 0 for types without a
// minimum. Requires HasIntegerWeights(type).
struct IntegerWeights {
  int8_t* q;
  float* scale;
  float* offset;
};
void DecodeIntegers(TensorType type, const void* blocks, size_t elements, const IntegerWeights& out);

}  // namespace hasten
