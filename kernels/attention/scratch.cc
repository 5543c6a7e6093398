#include "kernels/attention/attention.h"

namespace hasten {

// One block's keys and values in float32, and for each query of a stack its weights, its sums and its weighted values; every
// row padded to 32 numbers, so that no loop has a tail.
size_t AttendScratchFloats(size_t width) {
  const size_t padded = (width + 31) / 32 * 32, block = (kKvBlock + 31) / 32 * 32;
  return width * block + kKvBlock * padded + kMaxStack * (block + 16 + padded);
}

}  // namespace hasten
