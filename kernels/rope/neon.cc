#include <algorithm>
#include <initializer_list>
#include <limits>

#include "kernels/rope/rope.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {
namespace {

#include "kernels/simd/neon.inl"

#include "kernels/math/math.inl"

#include "kernels/rope/rope.inl"

}  // namespace

void RopeNeon(const RopeArgs& a) { Rope(a); }

}  // namespace hasten::neon
#endif
