// The gated delta rule of one value head over the new rows of one sequence, token by token:
//   q, k scaled to length 1, q also by 1/sqrt(key_width);  S *= exp(decay);  S += k (beta (v - k^T S));  y = q^T S.
//
// Shapes   q, k [rows, key_width], v, y [rows, value_width], decay, beta [rows], all with strides; y overlaps nothing.
//          S [key_width, value_width], read and updated. scratch: 2 key_width floats.
// Units    activation units; decay is a logarithm, at most 0.
// Errors   none.
// Threads  pure; the caller splits sequences and heads.
// Bytes    sums over key_width in a fixed order; a chunk gives the same as its rows alone.
// Source   Yang et al. 2024, "Gated Delta Networks"; lengths are bounded below by eps as ggml's l2_norm does.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/variant.h"

namespace hasten {

struct GatedDeltaArgs {
  const float* q;
  size_t q_stride;
  const float* k;
  size_t k_stride;
  const float* v;
  size_t v_stride;
  const float* decay;
  size_t decay_stride;
  const float* beta;
  size_t beta_stride;
  float* y;
  size_t y_stride;
  float* state;
  float* scratch;
  size_t rows, key_width, value_width;
  float eps;
};
using GatedDeltaFn = void(const GatedDeltaArgs&);
std::span<const Variant<GatedDeltaFn>> GatedDeltaVariants();

}  // namespace hasten
