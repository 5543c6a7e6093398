#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "kernels/delta/gated_delta.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")

namespace hasten::avx2 {
namespace {

#include "kernels/simd/avx2.inl"

#include "kernels/math/math.inl"

#include "kernels/delta/gated_delta.inl"

}  // namespace

void GatedDeltaAvx2(const GatedDeltaArgs& a) { GatedDelta(a); }

}  // namespace hasten::avx2

#pragma GCC pop_options
#endif
