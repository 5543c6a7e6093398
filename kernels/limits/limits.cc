#include "kernels/limits/limits.h"

#include <cstring>

#include "kernels/limits/variants.h"

namespace hasten {
namespace ref {

#include "kernels/limits/loops.inl"

struct ReadOps {
  using V = uint64_t;
  static constexpr size_t kBytes = 8;
  static V ZeroV() { return 0; }
  static V Load(const std::byte* p) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    return v;
  }
  static V Xor(V a, V b) { return a ^ b; }
};

struct Int8Ops {
  using Sum = int32_t;
  using Element = int32_t;
  static constexpr size_t kSums = 12, kMultiplyAdds = 1;
  static Sum Zero() { return 0; }
  static int32_t A() { return 3; }
  static int32_t B() { return 2; }
  template <class T>
  static T Hidden(T v) {
    asm volatile("" : "+r"(v));
    return v;
  }
  static Sum MultiplyAdd(Sum s, int32_t a, int32_t b) {
    a = Hidden(a);  // each product anew
    return s + a * b;
  }
};

struct FloatOps {
  using Sum = float;
  using Element = float;
  static constexpr size_t kSums = 12, kMultiplyAdds = 1;
  static Sum Zero() { return 0; }
  static float A() { return 3; }
  static float B() { return 0.5f; }
  template <class T>
  static T Hidden(T v) {
#if defined(__x86_64__)
    asm volatile("" : "+x"(v));
#elif defined(__aarch64__)
    asm volatile("" : "+w"(v));
#else
    asm volatile("" : "+m"(v));
#endif
    return v;
  }
  static Sum MultiplyAdd(Sum s, float a, float b) {
    a = Hidden(a);
    return s + a * b;
  }
};

static uint64_t ReadAll(const std::byte* data, size_t bytes) { return ReadLoop<ReadOps>(data, bytes); }
static PeakWork Int8Peak(size_t rounds) { return PeakLoop<Int8Ops>(rounds); }
static PeakWork FloatPeak(size_t rounds) { return PeakLoop<FloatOps>(rounds); }

}  // namespace ref

static constexpr Variant<ReadAllFn> kReadVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx2 | kCpuAvx512, avx512::ReadAll},
    {"avx2", kCpuAvx2, avx2::ReadAll},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::ReadAll},
#endif
    {"ref", 0, ref::ReadAll}};

static constexpr Variant<PeakFn> kInt8Variants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx2 | kCpuAvx512, avx512::Int8Peak},
    {"avxvnni", kCpuAvx2 | kCpuAvxVnni, avxvnni::Int8Peak},
    {"avx2", kCpuAvx2, avx2::Int8Peak},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon_dot", kCpuNeon | kCpuNeonDot, neon_dot::Int8Peak},
    {"neon", kCpuNeon, neon::Int8Peak},
#endif
    {"ref", 0, ref::Int8Peak}};

static constexpr Variant<PeakFn> kFloatVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx2 | kCpuAvx512, avx512::FloatPeak},
    {"avx2", kCpuAvx2, avx2::FloatPeak},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, neon::FloatPeak},
#endif
    {"ref", 0, ref::FloatPeak}};

static constexpr Variant<PeakFn> kBf16Variants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"amx", kCpuAvx2 | kCpuAvx512 | kCpuAmx, amx::Bf16Peak},
    {"avx512_bf16", kCpuAvx2 | kCpuAvx512 | kCpuAvx512Bf16, avx512_bf16::Bf16Peak},
#endif
    {"ref", 0, nullptr}};

std::span<const Variant<ReadAllFn>> ReadAllVariants() { return kReadVariants; }
std::span<const Variant<PeakFn>> Int8PeakVariants() { return kInt8Variants; }
std::span<const Variant<PeakFn>> FloatPeakVariants() { return kFloatVariants; }
uint64_t ReadAll(const std::byte* data, size_t bytes) { return Pick<ReadAllFn>(kReadVariants)(data, bytes); }
PeakWork Int8Peak(size_t rounds) { return Pick<PeakFn>(kInt8Variants)(rounds); }
std::span<const Variant<PeakFn>> Bf16PeakVariants() { return kBf16Variants; }

PeakFn* Bf16PeakOf() {
  const uint32_t active = ActiveIsa().features, besides = active & kCpuAvx512 ? CpuFeatures() & kCpuAvx512Bf16 : 0;
  for (const auto& v : kBf16Variants)
    if ((v.needs & ~(active | besides)) == 0) return v.fn;
  return nullptr;
}

PeakWork FloatPeak(size_t rounds) { return Pick<PeakFn>(kFloatVariants)(rounds); }

}  // namespace hasten
