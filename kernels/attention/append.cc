#include "kernels/attention/append.h"

#include <algorithm>
#include <cmath>

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

static float Bounded(float f) {
  const float most = f < FixedPoint::kBeyond ? f : FixedPoint::kBeyond;  // NaN is not less
  return most > -FixedPoint::kBeyond ? most : -FixedPoint::kBeyond;
}

static FixedPoint FixedPointOf(const float* x, size_t n, KvType type) {
  float peak = 0;
  for (size_t i = 0; i < n; ++i) peak = std::max(peak, std::abs(Bounded(x[i])));
  return {peak, KvLargest(type)};
}

template <class T>
static void StoreFixed(const StoreKvArgs& a) {
  float* scales = reinterpret_cast<float*>(a.head);
  T* keys = reinterpret_cast<T*>(a.head + kKvScaleBytes) + a.slot * 2;
  T* values =
      reinterpret_cast<T*>(a.head + kKvScaleBytes) + (a.width + 1) / 2 * 2 * kKvBlock + a.slot / 2 * 2 * a.width + a.slot % 2;
  const FixedPoint key = FixedPointOf(a.k, a.width, a.type), value = FixedPointOf(a.v, a.width, a.type);
  scales[a.slot] = key.scale;
  scales[kKvBlock + a.slot] = value.scale;
  for (size_t i = 0; i < a.width; ++i) {
    keys[i / 2 * 2 * kKvBlock + i % 2] = T(std::nearbyint(Bounded(a.k[i]) * key.inverse));
    values[2 * i] = T(std::nearbyint(Bounded(a.v[i]) * value.inverse));
  }
}

static void StoreKvRef(const StoreKvArgs& a) {
  switch (a.type) {
    case KvType::kF32:
      return StoreAs<float>(a, [](float f) { return f; });
    case KvType::kF16:
      return StoreAs<uint16_t>(a, SaturatedHalf);
    case KvType::kBF16:
      return StoreAs<uint16_t>(a, Bf16FromFloat);
    case KvType::kI16:
      return StoreFixed<int16_t>(a);
    case KvType::kI8:
      return StoreFixed<int8_t>(a);
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
