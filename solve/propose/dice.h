// Random numbers of one decision: a function of (seed, which), so that what one proposal draws changes no other.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/random.h"

namespace hasten::solve {

class Dice {
 public:
  Dice(uint64_t seed, uint64_t which) : seed_(RandomBits(seed, which)) {}
  double Unit() { return RandomUnit(seed_, at_++); }
  size_t Below(size_t n) { return n < 2 ? 0 : size_t(RandomBits(seed_, at_++) % n); }
  bool Chance(double p) { return Unit() < p; }
  double Normal() {  // Box and Muller 1958
    const double radius = std::sqrt(-2 * std::log(1 - Unit()));
    return radius * std::cos(6.283185307179586 * Unit());
  }
  double Gamma(double shape) {  // Marsaglia and Tsang 2000, for shape >= 1
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
      const double x = Normal(), v = std::pow(1 + c * x, 3);
      if (v > 0 && std::log(1 - Unit()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
    }
  }
  double Beta(double a, double b) {
    const double x = Gamma(a), y = Gamma(b);
    return x / (x + y);
  }

 private:
  const uint64_t seed_;
  uint64_t at_ = 0;
};

}  // namespace hasten::solve
