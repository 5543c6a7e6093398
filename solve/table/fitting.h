// What fitting constants to numbers needs: intervals in which a constant may lie, and the roundest constants in them.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "solve/lang/decimal.h"

namespace hasten::solve {

inline constexpr int kMostPlaces = 6;

inline double Real(const Decimal& d) { return double(d.mantissa) / std::pow(10.0, d.scale); }

struct Interval {
  double low = -HUGE_VAL, high = HUGE_VAL;
  void Meet(double a, double b) {
    low = std::max(low, std::min(a, b));
    high = std::min(high, std::max(a, b));
  }
  bool Has(double x) const { return x >= low && x <= high; }
};

// The decimal with `places` places that lies in the interval, the nearest to its middle.
inline std::optional<Decimal> Inside(const Interval& in, int places) {
  const double scale = std::pow(10.0, places), slack = 1e-9 * std::max(1.0, std::fabs(in.high));
  if (!(in.high - in.low < 1e9) || std::fabs(in.high) * scale > 1e12) return std::nullopt;
  const double middle = std::round((in.low + in.high) / 2 * scale);
  if (middle < (in.low - slack) * scale || middle > (in.high + slack) * scale) return std::nullopt;
  return Decimal{Decimal::Int(std::llround(middle)), places};
}

// Digits of a number but for the zeros at its end: what it takes to remember it.
inline int DigitsOf(const Decimal& d) {
  int digits = 0;
  auto m = d.mantissa < 0 ? -d.mantissa : d.mantissa;
  while (m != 0 && m % 10 == 0) m /= 10;
  for (; m != 0; m /= 10) ++digits;
  return digits;
}

// The value of each row, if all are the wanted ones once rounded as those are; asks for no more after the first that is not.
template <class F>
std::optional<std::vector<Decimal>> WantedValues(const std::vector<Decimal>& wanted, int places, const F& value) {
  std::vector<Decimal> values;
  for (size_t r = 0; r < wanted.size(); ++r) {
    const std::optional<Decimal> v = value(r);
    const auto rounded = v ? RoundTo(*v, {1, places}, {}, Rounding::kNearest) : std::nullopt;
    if (!rounded || !(*rounded == wanted[r])) return std::nullopt;
    values.push_back(*v);
  }
  return values;
}

inline bool Gives(const std::vector<Decimal>& values, const std::vector<Decimal>& wanted, int places) {
  return WantedValues(wanted, places, [&](size_t r) { return std::optional(values[r]); }).has_value();
}

}  // namespace hasten::solve
