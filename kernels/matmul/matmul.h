// y = x W^T for a packed weight matrix: int8 activations for integer formats, float ones for F32, F16 and BF16.
//
// Shapes   W [rows, cols]; x [n, cols]; y [n, rows]: y[i * stride + r]. Any rows and n; cols a whole number of blocks.
// Units    y in activation units; overwritten, or added to with Store::kAdd.
// Errors   none at run time; PackedMatrix::Make checks shapes.
// Threads  pure; the caller splits panels of W or rows of x.
// Bytes    each y is summed over its columns in one fixed order, whatever n, the ranges or the tiling: within a variant one
//          row of x gives the same bytes alone and among others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/threads.h"
#include "kernels/matmul/packed_matrix.h"
#include "kernels/matmul/quant_rows.h"
#include "kernels/variant.h"

namespace hasten {

enum class Store : uint8_t { kSet, kAdd };

struct MatMulOut {
  float* y;
  size_t stride;
  Store store = Store::kSet;
};

struct MatMulIntArgs {
  const PackedMatrix& w;  // wants_int8()
  Range panels;
  const QuantRows& x;
  Range rows;  // of x; begins at a multiple of kRowTile, ends at one or at n
  MatMulOut out;
};
using MatMulIntFn = void(const MatMulIntArgs&);
void MatMulInt(const MatMulIntArgs& args);
std::span<const Variant<MatMulIntFn>> MatMulIntVariants();

struct MatMulFloatArgs {
  const PackedMatrix& w;  // F32, F16 or BF16
  Range panels;
  const float* x;
  size_t x_stride;
  Range rows;  // of x
  MatMulOut out;
};
using MatMulFloatFn = void(const MatMulFloatArgs&);
void MatMulFloat(const MatMulFloatArgs& args);
std::span<const Variant<MatMulFloatFn>> MatMulFloatVariants();

}  // namespace hasten
