#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <type_traits>

#include "base/half.h"
#include "base/threads.h"
#include "kernels/attention/append.h"
#include "kernels/attention/layout.h"

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

// 12 rows of 2 vectors: 24 sums of 32 registers, so that loads keep up with both multipliers.
inline constexpr size_t kTileRows = 12, kFixedRows = 12;

#include "kernels/attention/append.inl"
#include "kernels/attention/tile.inl"

#include "kernels/attention/fixed.inl"

#include "kernels/attention/softmax.inl"

#include "kernels/attention/attention.inl"

}  // namespace

void StoreKvAvx512(const StoreKvArgs& a) { StoreKv(a); }
void AttendAvx512(const AttendArgs& a) { Attend(a); }

}  // namespace hasten::avx512

#pragma GCC pop_options
#endif
