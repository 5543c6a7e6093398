#include "models/rope.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hasten {

// ln and exp from additions and multiplications alone: the C library's differ in the last bit between machines, and a table
// that differs by a bit changes what is generated.
static double Ln(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // exact; m in [0.5, 1)
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  const double z = (m - 1) / (m + 1), z2 = z * z;  // ln m = 2 atanh z, |z| < 0.172: z^25 is below 1e-19
  double sum = 0;
  for (int k = 25; k >= 1; k -= 2) sum = sum * z2 + 1.0 / k;
  return exponent * 0.69314718055994531 + 2 * z * sum;
}

static double Exp(double x) {
  const double n = std::nearbyint(x * 1.4426950408889634);
  const double r = x - n * 0.69314718055994531;  // |r| < 0.35: r^18/18! is below 1e-23
  double sum = 1;
  for (int k = 17; k >= 1; --k) sum = 1 + sum * r / k;
  return std::ldexp(sum, int(n));
}

// The pair whose wavelength makes `turns` turns within the original context.
static double PairOfTurns(const RopeConfig& c, double turns) {
  return double(c.width) * Ln(double(c.original_context) / (turns * 6.2831853071795865)) / (2 * Ln(c.base));
}

// YaRN: pairs that turn often keep their frequency (1), those that turn rarely are interpolated (0), a ramp between.
static double KeepShare(const RopeConfig& c, double pair) {
  const double low = std::max(0.0, std::floor(PairOfTurns(c, c.beta_fast)));
  const double high = std::min(double(c.width - 1), std::ceil(PairOfTurns(c, c.beta_slow)));
  const double ramp = (pair - low) / std::max(0.001, high - low);
  return c.extrapolation * (1 - std::clamp(ramp, 0.0, 1.0));
}

static double YarnMagnitude(double factor, double multiplier) { return factor <= 1 ? 1 : 0.1 * multiplier * Ln(factor) + 1; }

Rope MakeRope(const RopeConfig& c, Rope::Pairing pairing, std::span<const float> factors) {
  Rope rope;
  rope.pairing = pairing;
  const bool yarn = c.scaling == RopeConfig::Scaling::kYarn && c.extrapolation != 0;
  const bool divides = yarn || c.scaling == RopeConfig::Scaling::kLinear || c.scaling == RopeConfig::Scaling::kYarn;
  for (size_t i = 0; i < c.width / 2; ++i) {
    const double own = Exp(-2 * double(i) / double(c.width) * Ln(c.base)) / (factors.empty() ? 1.0 : double(factors[i]));
    const double slow = divides ? own / c.factor : own;
    const double keep = yarn ? KeepShare(c, double(i)) : 0;
    rope.inverse_frequency.push_back(float(slow * (1 - keep) + own * keep));
  }
  rope.scale = c.attention_factor;
  if (yarn) {
    const double whole = YarnMagnitude(c.factor, 1);
    const double part = c.log_multiplier != 0 ? YarnMagnitude(c.factor, c.log_multiplier) : 1;
    rope.scale = float(rope.scale * whole / part);
  }
  return rope;
}

}  // namespace hasten
