#include "kernels/sampling/sampling.h"

#include <bit>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace hasten {
namespace ref {
namespace {
#include "kernels/simd/scalar.inl"

#include "kernels/math/math.inl"

inline float Sum(F a) { return a; }
inline float Peak(F a) { return a; }
inline M Not(M m) { return !m; }
inline M Both(M a, M b) { return a && b; }
inline unsigned Bits(M m) { return m ? 1 : 0; }

#include "kernels/sampling/keep.inl"
// after what it is written in
#include "kernels/sampling/sampling.inl"

}  // namespace
}  // namespace ref

#if HASTEN_SIMD && defined(__x86_64__)
namespace avx512 {
extern const SamplingKernels kSampling;
}
namespace avx2 {
extern const SamplingKernels kSampling;
}
#elif HASTEN_SIMD && defined(__aarch64__)
namespace neon {
extern const SamplingKernels kSampling;
}
#endif

static constexpr Variant<const SamplingKernels> kVariants[] = {
#if HASTEN_SIMD && defined(__x86_64__)
    {"avx512", kCpuAvx512, &avx512::kSampling},
    {"avx2", kCpuAvx2, &avx2::kSampling},
#elif HASTEN_SIMD && defined(__aarch64__)
    {"neon", kCpuNeon, &neon::kSampling},
#endif
    {"ref", 0, &ref::kKernels}};
std::span<const Variant<const SamplingKernels>> SamplingVariants() { return kVariants; }

}  // namespace hasten
