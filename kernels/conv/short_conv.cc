#include "kernels/conv/short_conv.h"

namespace hasten {

// One channel at a time with a window of its last inputs, so that y may be x.
static void ShortConvRef(const ShortConvArgs& a) {
  const size_t past = a.taps - 1;
  for (size_t c = 0; c < a.channels; ++c) {
    float window[kMaxConvTaps];
    for (size_t j = 0; j < past; ++j) window[j] = a.state[j * a.state_stride + c];
    for (size_t t = 0; t < a.rows; ++t) {
      window[past] = a.x[t * a.x_stride + c];
      float sum = 0;
      for (size_t j = 0; j < a.taps; ++j) sum += a.kernel[c * a.taps + j] * window[j];
      a.y[t * a.y_stride + c] = sum;
      for (size_t j = 0; j < past; ++j) window[j] = window[j + 1];
    }
    for (size_t j = 0; j < past; ++j) a.state[j * a.state_stride + c] = window[j];
  }
}

#if HASTEN_SIMD && defined(__x86_64__)
namespace avx512 {
ShortConvFn ShortConvAvx512;
}
namespace avx2 {
ShortConvFn ShortConvAvx2;
}
#elif HASTEN_SIMD && defined(__aarch64__)
namespace neon {
ShortConvFn ShortConvNeon;
}
#endif

static constexpr Variant<ShortConvFn> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx512, avx512::ShortConvAvx512},
    {"avx2", kCpuAvx2, avx2::ShortConvAvx2},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::ShortConvNeon},
#endif
    {"ref", 0, ShortConvRef}};
std::span<const Variant<ShortConvFn>> ShortConvVariants() { return kVariants; }

}  // namespace hasten
