#include <initializer_list>
#include <limits>

#include "kernels/sampling/sampling.h"

#if HASTEN_SIMD && defined(__aarch64__)
#include <arm_neon.h>

namespace hasten::neon {
namespace {

#include "kernels/simd/neon.inl"

#include "kernels/math/math.inl"

inline unsigned Bits(M m) {
  const uint32_t weights[4] = {1, 2, 4, 8};
  return vaddvq_u32(vandq_u32(m, vld1q_u32(weights)));
}
inline M Not(M m) { return vmvnq_u32(m); }
inline M Both(M a, M b) { return vandq_u32(a, b); }

#include "kernels/sampling/keep.inl"
// after what it is written in
#include "kernels/sampling/sampling.inl"

}  // namespace

extern const SamplingKernels kSampling;
const SamplingKernels kSampling = kKernels;

}  // namespace hasten::neon

#endif
