#include <algorithm>
#include <cmath>

#include "kernels/norm/norm.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")

namespace hasten::avx2 {
namespace {

#include "kernels/simd/avx2.inl"

#include "kernels/norm/norm.inl"

}  // namespace

void RmsNormAvx2(const RmsNormArgs& a) { RmsNorm(a); }

}  // namespace hasten::avx2

#pragma GCC pop_options
#endif
