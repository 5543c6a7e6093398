// The scale, or the scale and offset, that give a run of weights the least squared error.
//
// For given integers q the best scale follows by least squares, so only the rounding is searched: the range is stretched
// by some steps more or less than what the largest weight asks for (clipping one weight may serve the other 31), each
// candidate is rounded and refitted, and the one whose sum of squared errors falls most is kept.
#pragma once

#include <array>
#include <cmath>

#include "kernels/quantize/lanes.h"

namespace hasten::encode {

// The values that q may take: `Snap` is the nearest of them, `edge` the one of the largest magnitude.
struct Even {  // integers in a row
  float low, high;
  float edge() const { return low; }
  V Snap(V v) const { return Clamp(Round(v), low, high); }
};
template <size_t kCount>
struct Table {  // ascending values
  std::array<float, kCount> value;
  float edge() const { return value[0]; }
  V Snap(V v) const {
    V q = Splat(value[0]);
    for (size_t i = 1; i < kCount; ++i) q = v > 0.5f * (value[i - 1] + value[i]) ? Splat(value[i]) : q;
    return q;
  }
};

// How far the range is stretched: `count` candidates, `step` apart, beginning at `first`, in units of q.
struct Candidates {
  float first, step;
  int count;
};

// weight ~ scale q.
template <class Grid>
V FitScale(const V* x, int n, const Grid& grid, Candidates c) {
  V top{};
  for (int i = 0; i < n; ++i) top = Abs(x[i]) > Abs(top) ? x[i] : top;
  const V unit = Divide(Splat(1), top);
  V best{}, scale{};
  for (int k = 0; k < c.count; ++k) {
    const V inverse = unit * (grid.edge() - c.first - c.step * float(k));
    V xq{}, qq{};
    for (int i = 0; i < n; ++i) {
      const V q = grid.Snap(x[i] * inverse);
      xq += x[i] * q;
      qq += q * q;
    }
    const V fit = Divide(xq, qq), gain = fit * xq;  // the squared error falls from sum x^2 by this much
    const Mask better = gain > best;
    best = better ? gain : best;
    scale = better ? fit : scale;
  }
  return scale;
}

template <class Grid>
PerRun FitScales(const Runs& x, const Grid& grid, Candidates c) {
  PerRun scale;
  for (size_t p = 0; p < kParts; ++p) scale.part[p] = FitScale(x.of[p], x.n, grid, c);
  return scale;
}

struct Affine {
  V scale, offset;
};

// weight ~ scale q + offset, q in [0, high], scale >= 0; offset <= 0 unless `free_offset`.
inline Affine FitAffine(const V* x, int n, float high, bool free_offset, Candidates c) {
  V least = x[0], most = x[0];
  for (int i = 1; i < n; ++i) {
    least = Min(least, x[i]);
    most = Max(most, x[i]);
  }
  if (!free_offset) least = Min(least, V{});
  V y[32], y1{};  // above the least: a run far from zero keeps its digits
  for (int i = 0; i < n; ++i) {
    y[i] = x[i] - least;
    y1 += y[i];
  }
  const V unit = Divide(Splat(1), most - least), count = Splat(float(n));
  V best{}, scale{}, offset{};  // of y
  for (int k = 0; k < c.count; ++k) {
    const V inverse = unit * (high + c.first + c.step * float(k));
    V q1{}, q2{}, yq{};
    for (int i = 0; i < n; ++i) {
      const V q = Clamp(Round(y[i] * inverse), 0, high);
      q1 += q;
      q2 += q * q;
      yq += y[i] * q;
    }
    const V determinant = count * q2 - q1 * q1;
    V s = determinant > 0 ? count * yq - y1 * q1 : yq, o = determinant > 0 ? q2 * y1 - q1 * yq : V{};
    s = Divide(s, determinant > 0 ? determinant : q2);  // where all q are equal: the scale alone
    o = Divide(o, determinant);
    if (!free_offset) {
      const Mask above = o > -least;
      o = above ? -least : o;
      s = above ? Divide(yq - o * q1, q2) : s;
    }
    const V gain = 2 * (s * yq + o * y1 - s * o * q1) - s * s * q2 - o * o * count;  // off the sum of y^2
    const Mask better = (gain > best) & (s > 0);
    best = better ? gain : best;
    scale = better ? s : scale;
    offset = better ? o : offset;
  }
  return {scale, least + offset};
}

// The q nearest to (weight - offset) / scale.
template <class Grid>
void Nearest(const V* x, int n, Affine a, const Grid& grid, V* q) {
  const V inverse = Divide(Splat(1), a.scale);
  for (int i = 0; i < n; ++i) q[i] = grid.Snap((x[i] - a.offset) * inverse);
}

template <class Grid>
Runs NearestRuns(const Runs& x, const PerRun& scale, const PerRun& offset, const Grid& grid) {
  Runs q;
  q.n = x.n;
  for (size_t p = 0; p < kParts; ++p) Nearest(x.of[p], x.n, {scale.part[p], offset.part[p]}, grid, q.of[p]);
  return q;
}

// The sum of squared errors of those q.
template <class Grid>
V NearestError(const V* x, int n, Affine a, const Grid& grid) {
  const V inverse = Divide(Splat(1), a.scale);
  V error{};
  for (int i = 0; i < n; ++i) {
    const V miss = x[i] - (a.scale * grid.Snap((x[i] - a.offset) * inverse) + a.offset);
    error += miss * miss;
  }
  return error;
}

}  // namespace hasten::encode
