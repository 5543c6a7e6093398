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

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {
namespace {

#include "kernels/simd/neon.inl"

#include "kernels/math/math.inl"

inline constexpr size_t kTileRows = 8;   // 8 rows of 2 vectors: 16 sums of 32 registers
inline constexpr size_t kFixedRows = 5;  // a sum of pairs takes two registers

#include "kernels/attention/append.inl"
#include "kernels/attention/tile.inl"

#include "kernels/attention/fixed.inl"

#include "kernels/attention/softmax.inl"

#include "kernels/attention/attention.inl"

}  // namespace

void StoreKvNeon(const StoreKvArgs& a) { StoreKv(a); }
void AttendNeon(const AttendArgs& a) { Attend(a); }

}  // namespace hasten::neon
#endif
