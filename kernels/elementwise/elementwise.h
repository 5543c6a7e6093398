// Operations on numbers one by one: sums, gates and activation functions.
//
// Shapes   a, b, y [n]; y may be a or b, otherwise no overlap. b is read only by operations that name it.
// Units    activation units.
// Errors   none.
// Threads  pure; the caller splits as it likes: each y[i] depends on a[i], b[i] and s alone.
// Bytes    the same wherever in an array an element stands.
// Source   SwiGLU and GeGLU: Shazeer 2020, "GLU Variants Improve Transformer"; SwiGluOai: the gpt-oss model card's code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/variant.h"

namespace hasten {

enum class Elementwise : uint8_t {
  kAdd,          // a + b
  kMultiply,     // a b
  kScale,        // a s
  kAddScaled,    // a s + b
  kSoftCap,      // s tanh(a / s)
  kSilu,         // a sigmoid(a)
  kSiluGate,     // silu(a) b, also known as SwiGLU
  kGeluGate,     // gelu(a) b, gelu's tanh form: a sigmoid(2 sqrt(2/pi) (a + 0.044715 a^3))
  kSwiGluOai,    // g sigmoid(1.702 g) (u + 1) with g = min(a, 7), u = b within [-7, 7]
  kSigmoid,      // sigmoid(a)
  kSigmoidGate,  // sigmoid(a) b
  kSoftplus,     // log(1 + e^a)
};

struct ElementwiseArgs {
  Elementwise op;
  const float* a;
  const float* b;
  float* y;
  size_t n;
  float s;
};
using ElementwiseFn = void(const ElementwiseArgs&);
std::span<const Variant<ElementwiseFn>> ElementwiseVariants();

}  // namespace hasten
