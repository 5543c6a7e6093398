// Straight lines through given numbers: prices with tax, degrees, units of measure.
#include <algorithm>
#include <cmath>

#include "solve/table/ready.h"

namespace hasten::solve {

namespace {

constexpr int kMostPlaces = 6;

double Real(const Decimal& d) { return double(d.mantissa) / std::pow(10.0, d.scale); }

struct Interval {
  double low = -HUGE_VAL, high = HUGE_VAL;
  void Meet(double a, double b) {
    low = std::max(low, std::min(a, b));
    high = std::min(high, std::max(a, b));
  }
};

// The decimal with `places` places that lies in the interval, the nearest to its middle.
std::optional<Decimal> Inside(const Interval& in, int places) {
  const double scale = std::pow(10.0, places), slack = 1e-9 * std::max(1.0, std::fabs(in.high));
  if (!(in.high - in.low < 1e9) || std::fabs(in.high) * scale > 1e12) return std::nullopt;
  const double middle = std::round((in.low + in.high) / 2 * scale);
  if (middle < (in.low - slack) * scale || middle > (in.high + slack) * scale) return std::nullopt;
  return Decimal{Decimal::Int(std::llround(middle)), places};
}

int DigitsOf(const Decimal& d) {
  int digits = 0;
  auto m = d.mantissa < 0 ? -d.mantissa : d.mantissa;
  while (m != 0 && m % 10 == 0) m /= 10;
  for (; m != 0; m /= 10) ++digits;
  return digits;
}

// times and plus constants with places are said with whole numbers: (12 x + 5) / 100.
std::optional<Computed> Line(const Computed& from, const Decimal& slope, const Decimal& rise, float cost) {
  const int places = std::max(slope.scale, rise.scale);
  const auto a = slope.TimesPowerOfTen(places), b = rise.TimesPowerOfTen(places);
  if (!a || !b) return std::nullopt;
  const auto whole = [](const Decimal& d) { return Number(int64_t(d.mantissa / Decimal::Int(std::pow(10.0, d.scale)))); };
  const Expr factor = whole(*a), addend = whole(*b);
  Computed line{from.number, cost, -1, {}};
  if (factor.number != 1) line.number = Apply("times", {line.number, factor});
  if (addend.number != 0) line.number = Apply("plus", {line.number, addend});
  if (places != 0) line.number = Apply("times_ten", {line.number, Number(-places)});
  for (const Decimal& x : from.values) {
    const auto y = x.Times(slope);
    const auto sum = y ? y->Plus(rise) : std::nullopt;
    if (!sum) return std::nullopt;
    line.values.push_back(*sum);
  }
  return line;
}

}  // namespace

std::optional<Computed> FitLine(const Computed& from, const std::vector<Decimal>& wanted, int places) {
  const size_t n = wanted.size();
  if (n < 2) return std::nullopt;
  std::vector<double> x, y;
  for (size_t r = 0; r < n; ++r) {
    x.push_back(Real(from.values[r]));
    y.push_back(Real(wanted[r]));
  }
  const auto [least, most] = std::minmax_element(x.begin(), x.end());
  const size_t first = size_t(least - x.begin()), last = size_t(most - x.begin());
  if (x[last] == x[first] || y[first] == y[last]) return std::nullopt;
  const double half = 0.5 * std::pow(10.0, -places);
  Interval through_zero, slope;
  for (size_t r = 0; r < n; ++r) {
    if (x[r] == 0 && y[r] == 0) continue;
    if (x[r] == 0) through_zero = {1, 0};
    if (x[r] != 0) through_zero.Meet((y[r] - half) / x[r], (y[r] + half) / x[r]);
  }
  const double run = x[last] - x[first], rise = y[last] - y[first];
  slope.Meet((rise - 2 * half) / run, (rise + 2 * half) / run);
  for (int d = 0; d <= kMostPlaces; ++d) {
    if (const auto k = Inside(through_zero, d)) {
      if (k->mantissa == 0 || DigitsOf(*k) + (n == 2) > 5) return std::nullopt;
      return Line(from, *k, {}, from.cost + 1.2f + 0.5f * float(DigitsOf(*k)));
    }
    const auto a = Inside(slope, d);
    if (!a || a->mantissa == 0) continue;
    const bool shift = *a == Decimal::Of(1);
    if (n < 3 && !shift) continue;
    Interval offset;
    for (size_t r = 0; r < n; ++r) offset.Meet(y[r] - half - Real(*a) * x[r], y[r] + half - Real(*a) * x[r]);
    for (int e = 0; e <= kMostPlaces; ++e) {
      const auto b = Inside(offset, e);
      if (!b) continue;
      if (b->mantissa == 0 || DigitsOf(*a) + DigitsOf(*b) > int(2 * n)) break;
      return Line(from, *a, *b, from.cost + 1.6f + 0.5f * float((shift ? 0 : DigitsOf(*a)) + DigitsOf(*b)));
    }
  }
  return std::nullopt;
}

}  // namespace hasten::solve
