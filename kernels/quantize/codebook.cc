// IQ4_NL, IQ4_XS, MXFP4: sixteen runs of 32 at a time. Layouts: kernels/dequant/codebook.cc.
#include <cmath>

#include "kernels/dequant/codebooks.h"
#include "kernels/quantize/block_fit.h"
#include "kernels/quantize/encode.h"
#include "kernels/quantize/pack.h"

namespace hasten::encode {

// The values of a table in ascending order, and back from a value to its index.
static constexpr Table<16> Iq4Table() {
  Table<16> table{};
  for (size_t i = 0; i < 16; ++i) table.value[i] = kIq4Values[i];
  return table;
}
static constexpr Table<15> Fp4Table() {  // the second 0 (minus zero) is left out
  Table<15> table{};
  for (size_t i = 0; i < 7; ++i) table.value[i] = kFp4Doubled[15 - i];
  for (size_t i = 0; i < 8; ++i) table.value[7 + i] = kFp4Doubled[i];
  return table;
}
static constexpr Table<16> kIq4 = Iq4Table();
static constexpr Table<15> kFp4 = Fp4Table();

static void StoreIndices(const Runs& q, const std::array<int8_t, 16>& table, uint8_t* out) {
  uint8_t index[256] = {};
  for (int i = 15; i >= 0; --i) index[uint8_t(table[size_t(i)])] = uint8_t(i);
  StoreCodes(q, out);
  for (size_t i = 0; i < kRuns * size_t(q.n); ++i) out[i] = index[out[i]];
}

static constexpr Candidates kCandidates{-24, 4, 11};  // of an edge of 127

void IQ4_NL(const float* values, size_t runs, uint8_t* blocks) {
  Runs x;
  LoadRuns(values, 32, runs, x);
  const PerRun d = OnHalfGrid(FitScales(x, kIq4, kCandidates));
  uint8_t codes[kRuns * 32];
  StoreIndices(NearestRuns(x, d, {}, kIq4), kIq4Values, codes);
  for (size_t b = 0; b < runs; ++b, blocks += 18) {
    PutHalf(d[b], blocks);
    PutNibbles(codes + 32 * b, blocks + 2);
  }
}

void IQ4_XS(const float* values, size_t runs, uint8_t* blocks) {
  Runs x;
  LoadRuns(values, 32, runs, x);
  const BlockScale k = FitBlockScale(x, {.runs = 8, .least = -32}, kIq4, kCandidates);
  uint8_t codes[kRuns * 32];
  StoreIndices(NearestRuns(x, k.scales(), {}, kIq4), kIq4Values, codes);
  for (size_t first = 0; first < runs; first += 8, blocks += 136) {
    PutHalf(k.d[first], blocks);
    int low = 0, high = 0;
    for (size_t g = 0; g < 8; ++g) {
      const int s = int(k.scale[first + g]) + 32;
      low = g % 2 == 0 ? s & 15 : low | (s & 15) << 4;
      if (g % 2 == 1) blocks[4 + g / 2] = uint8_t(low);
      high |= s >> 4 << (2 * g);
      PutNibbles(codes + 32 * (first + g), blocks + 8 + 16 * g);
    }
    blocks[2] = uint8_t(high);
    blocks[3] = uint8_t(high >> 8);
  }
}

// The scale is a power of two: the one that maps the largest weight into the table's last octave, or one of its neighbours.
void MXFP4(const float* values, size_t runs, uint8_t* blocks) {
  Runs x;
  LoadRuns(values, 32, runs, x);
  PerRun exponent, scale, best;
  for (V& v : best.part) v = Splat(INFINITY);
  for (int step = -1; step <= 1; ++step) {
    PerRun e, d;
    for (size_t r = 0; r < kRuns; ++r) {
      float top = 0;
      for (int i = 0; i < 32; ++i) top = std::max(top, std::abs(x.of[r / kWidth][i][r % kWidth]));
      if (top == 0) continue;
      const int octave = std::ilogb(top) - 3 + step;  // 12 is in [2^3, 2^4); the top is in [2^-40, 2^30]
      e.Set(r, float(octave + 128));
      d.Set(r, std::ldexp(1.0f, octave));
    }
    for (size_t p = 0; p < kParts; ++p) {
      const V error = NearestError(x.of[p], 32, {d.part[p], V{}}, kFp4);
      const Mask better = error < best.part[p];
      best.part[p] = better ? error : best.part[p];
      exponent.part[p] = better ? e.part[p] : exponent.part[p];
      scale.part[p] = better ? d.part[p] : scale.part[p];
    }
  }
  uint8_t codes[kRuns * 32];
  StoreIndices(NearestRuns(x, scale, {}, kFp4), kFp4Doubled, codes);
  for (size_t b = 0; b < runs; ++b, blocks += 17) {
    blocks[0] = uint8_t(exponent[b]);
    PutNibbles(codes + 32 * b, blocks + 1);
  }
}

}  // namespace hasten::encode
