#include "kernels/delta/gated_delta.h"

#include <algorithm>
#include <cmath>

#include "kernels/math/math.h"

namespace hasten {

static float InverseLength(const float* x, size_t n, float eps) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += double(x[i]) * x[i];
  return float(1 / std::max(std::sqrt(sum), double(eps)));
}

static void GatedDeltaRef(const GatedDeltaArgs& a) {
  for (size_t t = 0; t < a.rows; ++t) {
    const float* q = a.q + t * a.q_stride;
    const float* k = a.k + t * a.k_stride;
    const float q_scale = InverseLength(q, a.key_width, a.eps) / std::sqrt(float(a.key_width));
    const float k_scale = InverseLength(k, a.key_width, a.eps);
    const float keep = ScalarExp(a.decay[t * a.decay_stride]), beta = a.beta[t * a.beta_stride];
    for (size_t j = 0; j < a.value_width; ++j) {
      float* s = a.state + j;
      float known = 0;
      for (size_t i = 0; i < a.key_width; ++i) known += k[i] * k_scale * (s[i * a.value_width] * keep);
      const float delta = beta * (a.v[t * a.v_stride + j] - known);
      float y = 0;
      for (size_t i = 0; i < a.key_width; ++i) {
        float& cell = s[i * a.value_width];
        cell = cell * keep + k[i] * k_scale * delta;
        y += q[i] * q_scale * cell;
      }
      a.y[t * a.y_stride + j] = y;
    }
  }
}

#if HASTEN_SIMD && defined(__x86_64__)
namespace avx512 {
GatedDeltaFn GatedDeltaAvx512;
}
namespace avx2 {
GatedDeltaFn GatedDeltaAvx2;
}
#elif HASTEN_SIMD && defined(__aarch64__)
namespace neon {
GatedDeltaFn GatedDeltaNeon;
}
#endif

static constexpr Variant<GatedDeltaFn> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx512, avx512::GatedDeltaAvx512},
    {"avx2", kCpuAvx2, avx2::GatedDeltaAvx2},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::GatedDeltaNeon},
#endif
    {"ref", 0, GatedDeltaRef}};
std::span<const Variant<GatedDeltaFn>> GatedDeltaVariants() { return kVariants; }

}  // namespace hasten
