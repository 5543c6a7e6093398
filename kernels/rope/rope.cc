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

static constexpr Variant<RopeFn> kVariants[] = {{"ref", 0, RopeRef}};
std::span<const Variant<RopeFn>> RopeVariants() { return kVariants; }

}  // namespace hasten
