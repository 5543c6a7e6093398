#include <initializer_list>
#include <limits>

#include "kernels/elementwise/elementwise.h"

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

#include "kernels/elementwise/elementwise.inl"

}  // namespace

void ElementwiseAvx512(const ElementwiseArgs& a) { ApplyElementwise(a); }

}  // namespace hasten::avx512

#pragma GCC pop_options
#endif
