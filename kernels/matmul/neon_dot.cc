#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/matmul/layout.h"
#include "kernels/matmul/variants.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")

namespace hasten::neon_dot {

#include "kernels/matmul/simd128.inl"

struct Simd : Simd128 {
  template <bool kWide>
  static I Dot(I sum, B line, Q four) {
    return Each<I>([&](int i) { return vdotq_s32(sum.v[i], SignedBytes<kWide>(line.v[i]), four); });
  }
};

#include "kernels/matmul/tile.inl"

void MatMulInt(const MatMulIntArgs& a) {
  WithFormat(a.w.format(), [&]<class Format>() { Panels<Format>(a); });
}

}  // namespace hasten::neon_dot

#pragma GCC pop_options
#endif
