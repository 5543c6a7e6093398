// A short causal convolution over time, each channel by itself, of the new rows of one sequence:
//   y[t][c] = sum_j kernel[c][j] x[t - (taps - 1) + j][c], j ascending; rows before the first are the state's.
//
// Shapes   x, y [rows, channels] with strides, y may be x; kernel [channels, taps]; state [taps - 1, state_stride], newest
//          last, read and updated. taps 1 to kMaxConvTaps (checked at load).
// Units    activation units.
// Errors   none.
// Threads  pure; the caller splits channels.
// Bytes    each y is one chain of additions over j, so a chunk gives the same as its rows alone.
// Source   the depthwise convolutions of Liquid AI's LFM2 and of Qwen3.5; written here.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/variant.h"

namespace hasten {

inline constexpr size_t kMaxConvTaps = 16;

struct ShortConvArgs {
  const float* x;
  size_t x_stride;
  float* y;
  size_t y_stride;
  const float* kernel;
  float* state;
  size_t state_stride;
  size_t rows, channels, taps;
};
using ShortConvFn = void(const ShortConvArgs&);
std::span<const Variant<ShortConvFn>> ShortConvVariants();

}  // namespace hasten
