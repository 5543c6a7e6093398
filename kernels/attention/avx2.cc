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
#pragma GCC target("avx2,fma,f16c")

namespace hasten::avx2 {
namespace {

#include "kernels/simd/avx2.inl"

#include "kernels/math/math.inl"

inline constexpr size_t kTileRows = 6;  // 6 rows of 2 vectors: 12 sums, 2 columns and a factor fill 15 of 16 registers
inline constexpr size_t kFixedRows = 6;

#include "kernels/attention/append.inl"
#include "kernels/attention/tile.inl"

#include "kernels/attention/fixed.inl"

#include "kernels/attention/softmax.inl"

#include "kernels/attention/attention.inl"

}  // namespace

void StoreKvAvx2(const StoreKvArgs& a) { StoreKv(a); }
void AttendAvx2(const AttendArgs& a) { Attend(a); }

}  // namespace hasten::avx2

#pragma GCC pop_options
#endif
