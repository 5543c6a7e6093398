#include <algorithm>
#include <cmath>

#include "kernels/norm/norm.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {
namespace {

#include "kernels/simd/neon.inl"

#include "kernels/norm/norm.inl"

}  // namespace

void RmsNormNeon(const RmsNormArgs& a) { RmsNorm(a); }

}  // namespace hasten::neon
#endif
