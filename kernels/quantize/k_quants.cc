// Q2_K to Q6_K: blocks of 256, sixteen runs at a time (two blocks of eight runs of 32, or one of sixteen runs of 16).
// Layouts: kernels/dequant/k_quants.cc.
#include "kernels/dequant/k_scales.h"
#include "kernels/quantize/block_fit.h"
#include "kernels/quantize/encode.h"
#include "kernels/quantize/pack.h"

namespace hasten::encode {

static constexpr Candidates kCandidates{-2.4f, 0.2f, 17};
static constexpr Candidates kFineCandidates{-1.6f, 0.1f, 20};  // where a step is a third of the range

static void PutBlockScales(const BlockAffine& k, size_t first, uint8_t* out) {
  KScales packed;
  for (size_t j = 0; j < 8; ++j) {
    packed.scale[j] = uint8_t(k.scale[first + j]);
    packed.min[j] = uint8_t(k.min[first + j]);
  }
  PutHalf(k.d[first], out);
  PutHalf(k.dmin[first], out + 2);
  PackKScales(packed, out + 4);
}

static void FourOrFiveBits(const float* values, size_t runs, int levels, uint8_t* out) {
  Runs x;
  LoadRuns(values, 32, runs, x);
  const Even grid{0, float(levels - 1)};
  const BlockAffine k = FitBlockAffine(x, {.runs = 8, .most = 63, .high = grid.high}, kCandidates);
  uint8_t codes[kRuns * 32];
  StoreCodes(NearestRuns(x, k.scales(), k.offsets(), grid), codes);
  for (size_t first = 0; first < runs; first += 8) {
    PutBlockScales(k, first, out);
    out += 16;
    if (levels == 32) {
      PutHigh1(codes + 32 * first, 4, out);
      out += 32;
    }
    PutLow4(codes + 32 * first, out);
    out += 128;
  }
}

void Q4_K(const float* values, size_t runs, uint8_t* blocks) { FourOrFiveBits(values, runs, 16, blocks); }
void Q5_K(const float* values, size_t runs, uint8_t* blocks) { FourOrFiveBits(values, runs, 32, blocks); }

void Q2_K(const float* values, size_t, uint8_t* block) {
  Runs x;
  LoadRuns(values, 16, kRuns, x);
  const BlockAffine k = FitBlockAffine(x, {.runs = 16, .most = 15, .high = 3}, kFineCandidates);
  uint8_t codes[kRuns * 16];
  StoreCodes(NearestRuns(x, k.scales(), k.offsets(), Even{0, 3}), codes);
  for (size_t j = 0; j < 16; ++j) block[j] = uint8_t(int(k.scale[j]) | int(k.min[j]) << 4);
  PutLow2(codes, block + 16);
  PutHalf(k.d[0], block + 80);
  PutHalf(k.dmin[0], block + 82);
}

// 256 codes of weights on a grid around 0, shifted to start at 0.
static void ShiftedCodes(const Runs& x, const BlockScale& k, const Even& grid, uint8_t* codes) {
  Runs q = NearestRuns(x, k.scales(), {}, grid);
  for (auto& part : q.of)
    for (int i = 0; i < q.n; ++i) part[i] -= grid.low;
  StoreCodes(q, codes);
}

void Q3_K(const float* values, size_t, uint8_t* block) {
  Runs x;
  LoadRuns(values, 16, kRuns, x);
  constexpr Even kGrid{-4, 3};
  const BlockScale k = FitBlockScale(x, {.runs = 16, .least = -32}, kGrid, kFineCandidates);
  uint8_t codes[kRuns * 16];
  ShiftedCodes(x, k, kGrid, codes);
  PutHigh1(codes, 2, block);
  PutLow2(codes, block + 32);
  std::fill_n(block + 96, 12, uint8_t{0});
  for (int r = 0; r < 16; ++r) {
    const int s = int(k.scale[size_t(r)]) + 32;
    block[96 + r % 8] = uint8_t(block[96 + r % 8] | (s & 15) << (r / 8 * 4));
    block[104 + r % 4] = uint8_t(block[104 + r % 4] | s >> 4 << (r / 4 * 2));
  }
  PutHalf(k.d[0], block + 108);
}

void Q6_K(const float* values, size_t, uint8_t* block) {
  Runs x;
  LoadRuns(values, 16, kRuns, x);
  constexpr Even kGrid{-32, 31};
  const BlockScale k = FitBlockScale(x, {.runs = 16, .least = -128}, kGrid, kCandidates);
  uint8_t codes[kRuns * 16];
  ShiftedCodes(x, k, kGrid, codes);
  for (int half = 0; half < 2; ++half) {
    const uint8_t* c = codes + 128 * half;
    for (int l = 0; l < 64; ++l) block[64 * half + l] = uint8_t((c[l] & 15) | (c[l + 64] & 15) << 4);
    for (int l = 0; l < 32; ++l)
      block[128 + 32 * half + l] = uint8_t(c[l] >> 4 | c[l + 32] >> 4 << 2 | c[l + 64] >> 4 << 4 | c[l + 96] >> 4 << 6);
  }
  for (size_t j = 0; j < 16; ++j) block[192 + j] = uint8_t(int8_t(k.scale[j]));
  PutHalf(k.d[0], block + 208);
}

}  // namespace hasten::encode
