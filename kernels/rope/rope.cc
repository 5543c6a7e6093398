#include "kernels/rope/rope.h"

#include "kernels/math/math.h"

namespace hasten {

static void RopeRef(const RopeArgs& a) {
  for (size_t i = 0; i < a.pairs; ++i) {
    const SineCosine angle = ScalarSinCos(a.position, a.inverse_frequency[i]);
    const float sine = angle.sine * a.scale, cosine = angle.cosine * a.scale;
    const size_t first = a.halves ? i : 2 * i, second = a.halves ? i + a.pairs : 2 * i + 1;
    for (size_t h = 0; h < a.heads; ++h) {
      float* x = a.x + h * a.head_width;
      const float u = x[first], v = x[second];
      x[first] = u * cosine - v * sine;
      x[second] = u * sine + v * cosine;
    }
  }
}

#if HASTEN_SIMD && defined(__x86_64__)
namespace avx512 {
RopeFn RopeAvx512;
}
namespace avx2 {
RopeFn RopeAvx2;
}
#elif HASTEN_SIMD && defined(__aarch64__)
namespace neon {
RopeFn RopeNeon;
}
#endif

static constexpr Variant<RopeFn> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx512, avx512::RopeAvx512},
    {"avx2", kCpuAvx2, avx2::RopeAvx2},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::RopeNeon},
#endif
    {"ref", 0, RopeRef}};
std::span<const Variant<RopeFn>> RopeVariants() { return kVariants; }

}  // namespace hasten
