#include <cstring>

#include "kernels/limits/variants.h"

#if HASTEN_SIMD && defined(__x86_64__)
#include <immintrin.h>

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c,amx-tile,amx-bf16")

namespace hasten::amx {
namespace {
#include "kernels/simd/amx.inl"
}  // namespace

// Six tiles of sums; the seventh and eighth hold 3 and 1/2 in BF16.
PeakWork Bf16Peak(size_t rounds) {
  constexpr double kTileMultiplyAdds = 16 * 16 * 32;
  alignas(64) static const UnitShapes kShapes;
  alignas(64) uint16_t factors[2][16 * 32];
  for (uint16_t& f : factors[0]) f = 0x4040;  // 3
  for (uint16_t& f : factors[1]) f = 0x3f00;  // 1/2
  _tile_loadconfig(&kShapes);
  LoadTile<6>(factors[0], 64);
  LoadTile<7>(factors[1], 64);
  ZeroTile<0>(), ZeroTile<1>(), ZeroTile<2>(), ZeroTile<3>(), ZeroTile<4>(), ZeroTile<5>();
  for (size_t r = 0; r < rounds; ++r) {
    AddBf16Products<0, 6, 7>(), AddBf16Products<1, 6, 7>(), AddBf16Products<2, 6, 7>();
    AddBf16Products<3, 6, 7>(), AddBf16Products<4, 6, 7>(), AddBf16Products<5, 6, 7>();
  }
  alignas(64) float sums[6][16 * 16];
  StoreTile<0>(sums[0], 64), StoreTile<1>(sums[1], 64), StoreTile<2>(sums[2], 64);
  StoreTile<3>(sums[3], 64), StoreTile<4>(sums[4], 64), StoreTile<5>(sums[5], 64);
  _tile_release();
  PeakWork work = {double(rounds) * 6 * kTileMultiplyAdds, 0};
  for (const auto& tile : sums)
    for (const float s : tile) work.sum += double(s);
  return work;
}

}  // namespace hasten::amx
#pragma GCC pop_options
#endif
