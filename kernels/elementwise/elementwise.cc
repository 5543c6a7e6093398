#include "kernels/elementwise/elementwise.h"

#include <algorithm>

#include "kernels/math/math.h"

namespace hasten {

static float One(Elementwise op, float a, float b, float s) {
  switch (op) {
    case Elementwise::kAdd:
      return a + b;
    case Elementwise::kMultiply:
      return a * b;
    case Elementwise::kScale:
      return a * s;
    case Elementwise::kAddScaled:
      return a * s + b;
    case Elementwise::kSoftCap:
      return s * ScalarTanh(a / s);
    case Elementwise::kSilu:
      return a * ScalarSigmoid(a);
    case Elementwise::kSiluGate:
      return a * ScalarSigmoid(a) * b;
    case Elementwise::kGeluGate:
      return a * ScalarSigmoid(1.59576912f * (a + 0.044715f * a * a * a)) * b;
    case Elementwise::kSwiGluOai: {
      const float gate = std::min(a, 7.0f), up = std::clamp(b, -7.0f, 7.0f);
      return gate * ScalarSigmoid(1.702f * gate) * (up + 1);
    }
    case Elementwise::kSigmoid:
      return ScalarSigmoid(a);
    case Elementwise::kSigmoidGate:
      return ScalarSigmoid(a) * b;
    case Elementwise::kSoftplus:
      return ScalarSoftplus(a);
  }
  return 0;
}

static void ElementwiseRef(const ElementwiseArgs& args) {
  for (size_t i = 0; i < args.n; ++i) args.y[i] = One(args.op, args.a[i], args.b ? args.b[i] : 0, args.s);
}

#if HASTEN_SIMD && defined(__x86_64__)
namespace avx512 {
ElementwiseFn ElementwiseAvx512;
}
namespace avx2 {
ElementwiseFn ElementwiseAvx2;
}
#elif HASTEN_SIMD && defined(__aarch64__)
namespace neon {
ElementwiseFn ElementwiseNeon;
}
#endif

static constexpr Variant<ElementwiseFn> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx512, avx512::ElementwiseAvx512},
    {"avx2", kCpuAvx2, avx2::ElementwiseAvx2},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::ElementwiseNeon},
#endif
    {"ref", 0, ElementwiseRef}};
std::span<const Variant<ElementwiseFn>> ElementwiseVariants() { return kVariants; }

}  // namespace hasten
