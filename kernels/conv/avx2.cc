#include <algorithm>

#include "kernels/conv/short_conv.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")

namespace hasten::avx2 {
namespace {

#include "kernels/simd/avx2.inl"

#include "kernels/conv/short_conv.inl"

}  // namespace

void ShortConvAvx2(const ShortConvArgs& a) { ShortConv(a); }

}  // namespace hasten::avx2

#pragma GCC pop_options
#endif
