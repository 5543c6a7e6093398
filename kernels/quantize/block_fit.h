// Scales that are small integers times one float16 a block: what runs find best must be rounded, together.
//
// The block's float16 is set by its largest run. Every run then tries the integers next to its own; with all integers fixed
// the float16s are refitted by least squares over the block, the runs try once more, and the better of the two is kept.
// More rounds gain 0.2 %.
#pragma once

#include "kernels/quantize/fit.h"

namespace hasten::encode {

// weight = d scale q - dmin min, with scale and min in [0, most] and q in [0, high].
struct BlockAffine {
  PerRun scale, min;  // the runs' integers
  PerRun d, dmin;     // the blocks' float16s, the same for each of a block's runs
  PerRun scales() const;
  PerRun offsets() const;
};
struct AffineShape {
  size_t runs;  // of a block
  float most, high;
};
BlockAffine FitBlockAffine(const Runs& x, AffineShape shape, Candidates c);

// weight = d scale q, with scale in [least, -least - 1] and q on a grid.
struct BlockScale {
  PerRun scale;
  PerRun d;
  PerRun scales() const;
};
struct ScaleShape {
  size_t runs;
  float least;
};
template <class Grid>
BlockScale FitBlockScale(const Runs& x, ScaleShape shape, const Grid& grid, Candidates c);

// What the two fits share.
PerRun Product(const PerRun& a, const PerRun& b);
PerRun BlockSum(PerRun a, size_t runs);         // over each block, in each of its runs
PerRun BlockTop(const PerRun& a, size_t runs);  // the number of the largest magnitude, likewise
PerRun Rounded(const PerRun& scale, const PerRun& d, float low, float high);

// Where `after` has less error over the block than `before`: `a`, elsewhere `b`.
PerRun Better(const PerRun& after, const PerRun& before, const PerRun& a, const PerRun& b);

// Each run takes, of the integers next to its present one, that of the least error; returns the errors.
template <class Grid>
PerRun ChooseAround(const Runs& x, ScaleShape shape, const Grid& grid, BlockScale& k) {
  PerRun errors;
  for (size_t p = 0; p < kParts; ++p) {
    const V d = k.d.part[p], old = k.scale.part[p];
    V best = Splat(INFINITY);
    for (const float step : {0.0f, -1.0f, 1.0f}) {
      const V s = Clamp(old + step, shape.least, -shape.least - 1);
      const V error = NearestError(x.of[p], x.n, {d * s, V{}}, grid);
      const Mask better = error < best;
      best = better ? error : best;
      k.scale.part[p] = better ? s : k.scale.part[p];
    }
    errors.part[p] = best;
  }
  return errors;
}

// With the integers fixed: the d that minimises the sum of (x - d s q)^2 over a block.
template <class Grid>
void Refit(const Runs& x, ScaleShape shape, const Grid& grid, BlockScale& k) {
  const Runs q = NearestRuns(x, k.scales(), {}, grid);
  PerRun aa, ax;
  for (size_t p = 0; p < kParts; ++p)
    for (int i = 0; i < x.n; ++i) {
      const V a = k.scale.part[p] * q.of[p][i];
      aa.part[p] += a * a;
      ax.part[p] += a * x.of[p][i];
    }
  aa = BlockSum(aa, shape.runs), ax = BlockSum(ax, shape.runs);
  for (size_t p = 0; p < kParts; ++p) k.d.part[p] = Divide(ax.part[p], aa.part[p]);
  k.d = OnHalfGrid(k.d);
}

template <class Grid>
BlockScale FitBlockScale(const Runs& x, ScaleShape shape, const Grid& grid, Candidates c) {
  const PerRun scale = FitScales(x, grid, c);
  BlockScale k;
  k.d = BlockTop(scale, shape.runs);
  for (V& d : k.d.part) d /= shape.least;
  k.d = AtLeastOnHalfGrid(k.d);
  k.scale = Rounded(scale, k.d, shape.least, -shape.least - 1);
  const PerRun errors = BlockSum(ChooseAround(x, shape, grid, k), shape.runs);
  BlockScale refitted = k;
  Refit(x, shape, grid, refitted);
  const PerRun after = BlockSum(ChooseAround(x, shape, grid, refitted), shape.runs);
  return {Better(after, errors, refitted.scale, k.scale), Better(after, errors, refitted.d, k.d)};
}

}  // namespace hasten::encode
