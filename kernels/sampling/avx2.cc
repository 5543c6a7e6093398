#include <initializer_list>
#include <limits>

#include "kernels/sampling/sampling.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")

namespace hasten::avx2 {
namespace {

#include "kernels/simd/avx2.inl"

#include "kernels/math/math.inl"

inline unsigned Bits(M m) { return unsigned(_mm256_movemask_ps(m)); }
inline M Not(M m) { return _mm256_xor_ps(m, _mm256_castsi256_ps(_mm256_set1_epi32(-1))); }
inline M Both(M a, M b) { return _mm256_and_ps(a, b); }

#include "kernels/sampling/keep.inl"
// after what it is written in
#include "kernels/sampling/sampling.inl"

}  // namespace

extern const SamplingKernels kSampling;
const SamplingKernels kSampling = kKernels;

}  // namespace hasten::avx2

#pragma GCC pop_options
#endif
