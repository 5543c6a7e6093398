#include <initializer_list>
#include <limits>

#include "kernels/sampling/sampling.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593: its own AVX-512 headers trip these
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")

namespace hasten::avx512 {
namespace {

#include "kernels/simd/avx512.inl"

#include "kernels/math/math.inl"

// Compressed in a register and stored whole: compressing into memory is slow on some processors.
inline size_t Keep(M m, F v, float* to) {
  Store(to, _mm512_maskz_compress_ps(m, v));
  return size_t(__builtin_popcount(m));
}
inline size_t KeepVector(M m, __m512i v, int32_t* to) {
  _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(m, v));
  return size_t(__builtin_popcount(m));
}
inline size_t KeepIds(M m, const int32_t* from, int32_t* to) { return KeepVector(m, _mm512_maskz_loadu_epi32(m, from), to); }
inline size_t KeepCount(M m, int32_t first, int32_t* to) {
  const __m512i count = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return KeepVector(m, _mm512_add_epi32(count, _mm512_set1_epi32(first)), to);
}
inline M Not(M m) { return M(~m); }
inline M Both(M a, M b) { return a & b; }
inline bool Any(M m) { return m != 0; }
inline F LoadSome(const float* p, size_t n, float rest) { return _mm512_mask_loadu_ps(Set(rest), First(n), p); }

#include "kernels/sampling/sampling.inl"

}  // namespace

extern const SamplingKernels kSampling;
const SamplingKernels kSampling = kKernels;

}  // namespace hasten::avx512

#pragma GCC pop_options
#endif
