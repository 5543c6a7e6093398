#include "kernels/norm/norm.h"

#include <cmath>

namespace hasten {

static void RmsNormRef(const RmsNormArgs& a) {
  for (size_t r = 0; r < a.rows; ++r) {
    const float* x = a.x + r * a.x_stride;
    double sum = 0;
    for (size_t i = 0; i < a.width; ++i) sum += double(x[i]) * x[i];
    const float scale = float(1 / std::sqrt(sum / double(a.width) + a.eps));
    float* y = a.y + r * a.y_stride;
    for (size_t i = 0; i < a.width; ++i) y[i] = x[i] * scale * a.weight[i];
  }
}

#if HASTEN_SIMD && defined(__x86_64__)
namespace avx512 {
RmsNormFn RmsNormAvx512;
}
namespace avx2 {
RmsNormFn RmsNormAvx2;
}
#elif HASTEN_SIMD && defined(__aarch64__)
namespace neon {
RmsNormFn RmsNormNeon;
}
#endif

static constexpr Variant<RmsNormFn> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx512, avx512::RmsNormAvx512},
    {"avx2", kCpuAvx2, avx2::RmsNormAvx2},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::RmsNormNeon},
#endif
    {"ref", 0, RmsNormRef}};
std::span<const Variant<RmsNormFn>> RmsNormVariants() { return kVariants; }

}  // namespace hasten
