#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/matmul/layout.h"
#include "kernels/matmul/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC bug 105593: its own AVX-512 headers trip it
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")

namespace hasten::avx512 {

#include "kernels/matmul/simd512.inl"

#include "kernels/matmul/float_tile.inl"
#include "kernels/matmul/tile.inl"
#include "kernels/matmul/unpacked.inl"

void MatMulInt(const MatMulIntArgs& a) {
  WithFormat(a.w.format(), [&]<class Format>() { Panels<Format>(a); });
}

}  // namespace hasten::avx512

#pragma GCC pop_options
#endif
