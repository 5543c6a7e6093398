// Writes the key and the value of one position and one head into its KV block.
//
// Shapes   k, v [width]; `head` is where the head begins in its block (kv_block.h); slot below kKvBlock.
// Units    activation units. float16 stores what lies beyond its range as its largest number, so that a single outlier
//          cannot turn every later row into NaN. Fixed point: scale = largest magnitude / KvLargest, and what is 10^30 or more,
//          or not a number, counts as 10^30; vectors below 10^-30 are stored as zeros.
// Errors   none.
// Threads  pure; the caller splits positions and heads.
// Bytes    rounding to nearest, ties to even: the same in every variant.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/attention/kv_block.h"
#include "kernels/variant.h"

namespace hasten {

struct StoreKvArgs {
  const float* k;
  const float* v;
  size_t width;
  KvType type;
  size_t slot;
  std::byte* head;
};
using StoreKvFn = void(const StoreKvArgs&);
std::span<const Variant<StoreKvFn>> StoreKvVariants();

// The largest float16 stands in for what lies beyond; NaN stays.
uint16_t SaturatedHalf(float f);

// From numbers to whole ones and back: whole = round(number * inverse), number = whole * scale.
struct FixedPoint {
  static constexpr float kBeyond = 1e30f;  // stands in for larger numbers and for NaN
  static constexpr float kBelow = 1e-30f;  // a vector whose largest number is smaller is all zeros
  float scale, inverse;
  FixedPoint(float peak, float largest)
      : scale(peak < kBelow ? 0 : peak * (1 / largest)), inverse(peak < kBelow ? 0 : largest / peak) {}
};

}  // namespace hasten
