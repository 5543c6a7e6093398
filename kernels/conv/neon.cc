#include <algorithm>

#include "kernels/conv/short_conv.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {
namespace {

#include "kernels/simd/neon.inl"

#include "kernels/conv/short_conv.inl"

}  // namespace

void ShortConvNeon(const ShortConvArgs& a) { ShortConv(a); }

}  // namespace hasten::neon
#endif
