#include "kernels/attention/append.h"

#include "base/half.h"

namespace hasten {

uint16_t SaturatedHalf(float f) { return HalfFromFloat(f > 65504.0f ? 65504.0f : f < -65504.0f ? -65504.0f : f); }

template <class T, class Convert>
static void StoreAs(const StoreKvArgs& a, Convert convert) {
  T* keys = reinterpret_cast<T*>(a.head);
  T* values = keys + a.width * kKvBlock + a.slot * a.width;
  for (size_t i = 0; i < a.width; ++i) keys[i * kKvBlock + a.slot] = convert(a.k[i]);
  for (size_t i = 0; i < a.width; ++i) values[i] = convert(a.v[i]);
}

static void StoreKvRef(const StoreKvArgs& a) {
  switch (a.type) {
    case KvType::kF32:
      return StoreAs<float>(a, [](float f) { return f; });
    case KvType::kF16:
      return StoreAs<uint16_t>(a, SaturatedHalf);
    case KvType::kBF16:
      return StoreAs<uint16_t>(a, Bf16FromFloat);
  }
}

#if HASTEN_SIMD && defined(__x86_64__)
namespace avx512 {
StoreKvFn StoreKvAvx512;
}
namespace avx2 {
StoreKvFn StoreKvAvx2;
}
#elif HASTEN_SIMD && defined(__aarch64__)
namespace neon {
StoreKvFn StoreKvNeon;
}
#endif

static constexpr Variant<StoreKvFn> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx512, avx512::StoreKvAvx512},
    {"avx2", kCpuAvx2, avx2::StoreKvAvx2},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::StoreKvNeon},
#endif
    {"ref", 0, StoreKvRef}};
std::span<const Variant<StoreKvFn>> StoreKvVariants() { return kVariants; }

}  // namespace hasten
