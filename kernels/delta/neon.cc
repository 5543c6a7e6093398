#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "kernels/delta/gated_delta.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {
namespace {

#include "kernels/simd/neon.inl"

#include "kernels/math/math.inl"

#include "kernels/delta/gated_delta.inl"

}  // namespace

void GatedDeltaNeon(const GatedDeltaArgs& a) { GatedDelta(a); }

}  // namespace hasten::neon
#endif
