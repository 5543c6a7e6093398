// One block of 32 columns of one row, taken out of a packed panel: the plain meaning of every integer layout. The scalar
// reference multiplies with it, UnpackRow and tests read it; the SIMD variants never do.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/matmul/packed_matrix.h"

namespace hasten {

// value[i] = scale[i / 16] * q[i] - minimum[i / 16], q with its bias taken off.
struct WeightBlock {
  int16_t q[32];
  float scale[2], minimum[2];
};

WeightBlock UnpackBlock(const PackedMatrix& w, size_t row, size_t block);

}  // namespace hasten
