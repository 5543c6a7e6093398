// y = x / sqrt(mean(x^2) + eps) * weight, row by row.
//
// Shapes   x, y [rows, width] with strides, y may be x; weight [width]. Any sizes.
// Units    activation units.
// Errors   none.
// Threads  pure; the caller splits rows.
// Bytes    the sum of squares has an order fixed by width and variant.
// Source   Zhang and Sennrich 2019, "Root Mean Square Layer Normalization".
#pragma once

#include <cstddef>
#include <span>

#include "kernels/variant.h"

namespace hasten {

struct RmsNormArgs {
  const float* x;
  size_t x_stride;
  const float* weight;
  float* y;
  size_t y_stride;
  size_t rows, width;
  float eps;
};
using RmsNormFn = void(const RmsNormArgs&);
std::span<const Variant<RmsNormFn>> RmsNormVariants();

}  // namespace hasten
