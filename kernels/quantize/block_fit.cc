#include "kernels/quantize/block_fit.h"

#include <cmath>

namespace hasten::encode {

PerRun Product(const PerRun& a, const PerRun& b) {
  PerRun c;
  for (size_t p = 0; p < kParts; ++p) c.part[p] = a.part[p] * b.part[p];
  return c;
}

PerRun BlockSum(PerRun a, size_t runs) {
  for (size_t first = 0; first < kRuns; first += runs) {
    float sum = a[first];
    for (size_t i = 1; i < runs; ++i) sum += a[first + i];
    for (size_t i = 0; i < runs; ++i) a.Set(first + i, sum);
  }
  return a;
}

PerRun BlockTop(const PerRun& a, size_t runs) {
  PerRun tops;
  for (size_t first = 0; first < kRuns; first += runs) {
    float top = a[first];
    for (size_t i = 1; i < runs; ++i)
      if (std::abs(a[first + i]) > std::abs(top)) top = a[first + i];
    for (size_t i = 0; i < runs; ++i) tops.Set(first + i, top);
  }
  return tops;
}

PerRun Rounded(const PerRun& scale, const PerRun& d, float low, float high) {
  PerRun rounded;
  for (size_t p = 0; p < kParts; ++p) rounded.part[p] = Clamp(Round(Divide(scale.part[p], d.part[p])), low, high);
  return rounded;
}

PerRun Better(const PerRun& after, const PerRun& before, const PerRun& a, const PerRun& b) {
  PerRun kept;
  for (size_t p = 0; p < kParts; ++p) kept.part[p] = after.part[p] < before.part[p] ? a.part[p] : b.part[p];
  return kept;
}

PerRun BlockScale::scales() const { return Product(d, scale); }
PerRun BlockAffine::scales() const { return Product(d, scale); }
PerRun BlockAffine::offsets() const {
  PerRun offsets = Product(dmin, min);
  for (V& v : offsets.part) v = -v;
  return offsets;
}

// Each run takes, of the integers next to its present ones, those of the least error, which is returned. The pairs that change
// the run's two ends in opposite directions by a step each hardly ever win and are left out.
static PerRun ChooseAround(const Runs& x, AffineShape shape, BlockAffine& k) {
  struct Step {
    float scale, min;
  };
  constexpr Step kSteps[] = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}, {-1, -1}, {1, 1}};
  PerRun errors;
  for (size_t p = 0; p < kParts; ++p) {
    const V d = k.d.part[p], dmin = k.dmin.part[p], scale = k.scale.part[p], min = k.min.part[p];
    V best = Splat(INFINITY);
    for (const Step& step : kSteps) {
      const V s = Clamp(scale + step.scale, 0, shape.most), m = Clamp(min + step.min, 0, shape.most);
      const V error = NearestError(x.of[p], x.n, {d * s, -(dmin * m)}, Even{0, shape.high});
      const Mask better = error < best;
      best = better ? error : best;
      k.scale.part[p] = better ? s : k.scale.part[p];
      k.min.part[p] = better ? m : k.min.part[p];
    }
    errors.part[p] = best;
  }
  return errors;
}

// With the integers fixed: d and dmin that minimise the sum of (x - d s q + dmin m)^2 over a block, where both are positive.
static void Refit(const Runs& x, AffineShape shape, BlockAffine& k) {
  const Runs q = NearestRuns(x, k.scales(), k.offsets(), Even{0, shape.high});
  PerRun aa, ab, bb, ax, bx;
  for (size_t p = 0; p < kParts; ++p) {
    const V s = k.scale.part[p], m = k.min.part[p];
    for (int i = 0; i < x.n; ++i) {
      const V a = s * q.of[p][i];
      aa.part[p] += a * a;
      ab.part[p] += a * m;
      bb.part[p] += m * m;
      ax.part[p] += a * x.of[p][i];
      bx.part[p] += m * x.of[p][i];
    }
  }
  for (PerRun* sum : {&aa, &ab, &bb, &ax, &bx}) *sum = BlockSum(*sum, shape.runs);
  for (size_t r = 0; r < kRuns; ++r) {
    const float determinant = aa[r] * bb[r] - ab[r] * ab[r];
    if (!(determinant > 0)) continue;
    const float d = OnHalfGrid((ax[r] * bb[r] - ab[r] * bx[r]) / determinant);
    const float dmin = OnHalfGrid((ab[r] * ax[r] - aa[r] * bx[r]) / determinant);
    if (!(d > 0 && dmin > 0)) continue;
    k.d.Set(r, d);
    k.dmin.Set(r, dmin);
  }
}

BlockAffine FitBlockAffine(const Runs& x, AffineShape shape, Candidates c) {
  PerRun scale, min;
  for (size_t p = 0; p < kParts; ++p) {
    const Affine fit = FitAffine(x.of[p], x.n, shape.high, false, c);
    scale.part[p] = fit.scale;
    min.part[p] = -fit.offset;
  }
  BlockAffine k;
  k.d = BlockTop(scale, shape.runs), k.dmin = BlockTop(min, shape.runs);
  for (size_t p = 0; p < kParts; ++p) k.d.part[p] /= shape.most, k.dmin.part[p] /= shape.most;
  k.d = AtLeastOnHalfGrid(k.d), k.dmin = AtLeastOnHalfGrid(k.dmin);
  k.scale = Rounded(scale, k.d, 0, shape.most), k.min = Rounded(min, k.dmin, 0, shape.most);
  const PerRun errors = BlockSum(ChooseAround(x, shape, k), shape.runs);
  BlockAffine refitted = k;
  Refit(x, shape, refitted);
  const PerRun after = BlockSum(ChooseAround(x, shape, refitted), shape.runs);
  return {Better(after, errors, refitted.scale, k.scale), Better(after, errors, refitted.min, k.min),
          Better(after, errors, refitted.d, k.d), Better(after, errors, refitted.dmin, k.dmin)};
}

}  // namespace hasten::encode
