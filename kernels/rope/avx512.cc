#include <algorithm>
#include <initializer_list>
#include <limits>

#include "kernels/rope/rope.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593: its own AVX-512 headers trip these
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")

namespace hasten::avx512 {
namespace {

#include "kernels/simd/avx512.inl"

#include "kernels/math/math.inl"

#include "kernels/rope/rope.inl"

}  // namespace

void RopeAvx512(const RopeArgs& a) { Rope(a); }

}  // namespace hasten::avx512

#pragma GCC pop_options
#endif
