#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/matmul/layout.h"
#include "kernels/matmul/variants.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {

#include "kernels/matmul/simd128.inl"

struct Simd : Simd128 {
  // Products in 16 bits, added pairwise twice: no pair of them (|w| <= 128, |q| <= 127) leaves 16 bits before it is widened.
  template <bool kWide>
  static I Dot(I sum, B line, Q four) {
    return Each<I>([&](int i) {
      const int8x16_t w = SignedBytes<kWide>(line.v[i]);
      const int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(w), vget_low_s8(four)));
      const int32x4_t high = vpaddlq_s16(vmull_high_s8(w, four));
      return vaddq_s32(sum.v[i], vpaddq_s32(low, high));
    });
  }
};

#include "kernels/matmul/float_tile.inl"
#include "kernels/matmul/tile.inl"

void MatMulInt(const MatMulIntArgs& a) {
  WithFormat(a.w.format(), [&]<class Format>() { Panels<Format>(a); });
}

}  // namespace hasten::neon
#endif
