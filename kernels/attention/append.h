// Writes the key and the value of one position and one head into its KV block.
//
// Shapes   k, v [width]; `head` is where the head begins in its block (kv_block.h); slot below kKvBlock.
// Units    activation units. float16 stores what lies beyond its range as its largest number, so that a single outlier
//          cannot turn every later row into NaN.
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

}  // namespace hasten
