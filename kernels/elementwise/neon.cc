#include <initializer_list>
#include <limits>

#include "kernels/elementwise/elementwise.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {
namespace {

#include "kernels/simd/neon.inl"

#include "kernels/math/math.inl"

#include "kernels/elementwise/elementwise.inl"

}  // namespace

void ElementwiseNeon(const ElementwiseArgs& a) { ApplyElementwise(a); }

}  // namespace hasten::neon
#endif
