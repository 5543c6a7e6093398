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
  Computed line{from.number, cost, -1, {}, true};
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

// Factors between units of measure, which people round less than they need: miles, inches, feet, pounds, gallons, calories.
constexpr Decimal kFactors[] = {{1609344, 6},  {160934, 5}, {621371, 6}, {254, 2},  {3048, 4},  {328084, 5},
                                {45359237, 8}, {220462, 5}, {378541, 5}, {4184, 3}, {35274, 4}, {277778, 6}};

struct Points {
  std::vector<double> x, y;
  double half;  // of the unit that y is known to
};

// Are these the wanted numbers, once rounded as those are?
bool Gives(const Computed& line, const std::vector<Decimal>& wanted, int places) {
  for (size_t r = 0; r < wanted.size(); ++r) {
    const auto rounded = RoundTo(line.values[r], {1, places}, {}, Rounding::kNearest);
    if (!rounded || !(*rounded == wanted[r])) return false;
  }
  return true;
}

// The roundest factor, or one of the world's; few digits of many examples are believed.
std::optional<Computed> Proportion(const Computed& from, const Points& p, const std::vector<Decimal>& wanted, int places) {
  Interval factor;
  for (size_t r = 0; r < p.x.size(); ++r) {
    if (p.x[r] == 0 && p.y[r] != 0) return std::nullopt;
    if (p.x[r] != 0) factor.Meet((p.y[r] - p.half) / p.x[r], (p.y[r] + p.half) / p.x[r]);
  }
  const auto as = [&](const Decimal& k, int digits) -> std::optional<Computed> {
    auto line = Line(from, k, {}, from.cost + 1.2f + 0.5f * float(digits));
    return line && Gives(*line, wanted, places) ? line : std::nullopt;
  };
  for (int d = 0; d <= kMostPlaces; ++d) {
    for (const Decimal& known : kFactors) {
      if (d < 2 || Real(known) < factor.low || Real(known) > factor.high) continue;
      if (auto line = as(known, 3)) return line;
    }
    const auto k = Inside(factor, d);
    if (!k || k->mantissa == 0) continue;
    if (DigitsOf(*k) + (p.x.size() == 2) > 5) return std::nullopt;
    if (auto line = as(*k, DigitsOf(*k))) return line;
  }
  return std::nullopt;
}

std::optional<Computed> Sloping(const Computed& from, const Points& p, const std::vector<Decimal>& wanted, int places) {
  const auto [least, most] = std::minmax_element(p.x.begin(), p.x.end());
  const size_t first = size_t(least - p.x.begin()), last = size_t(most - p.x.begin()), n = p.x.size();
  Interval slope;
  const double run = p.x[last] - p.x[first], rise = p.y[last] - p.y[first];
  slope.Meet((rise - 2 * p.half) / run, (rise + 2 * p.half) / run);
  for (int d = 0; d <= kMostPlaces; ++d) {
    const auto a = Inside(slope, d);
    if (!a || a->mantissa == 0) continue;
    const bool shift = *a == Decimal::Of(1);
    if (n < 3 && !shift) continue;
    Interval offset;
    for (size_t r = 0; r < n; ++r) offset.Meet(p.y[r] - p.half - Real(*a) * p.x[r], p.y[r] + p.half - Real(*a) * p.x[r]);
    for (int e = 0; e <= kMostPlaces; ++e) {
      const auto b = Inside(offset, e);
      if (!b) continue;
      if (b->mantissa == 0 || DigitsOf(*a) + DigitsOf(*b) > int(2 * n)) break;
      const float digits = float((shift ? 0 : DigitsOf(*a)) + DigitsOf(*b));
      auto line = Line(from, *a, *b, from.cost + 1.6f + 0.5f * digits);
      if (line && Gives(*line, wanted, places)) return line;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Computed> FitLine(const Computed& from, const std::vector<Decimal>& wanted, int places) {
  if (wanted.size() < 2) return std::nullopt;
  Points p{{}, {}, 0.5 * std::pow(10.0, -places)};
  for (size_t r = 0; r < wanted.size(); ++r) {
    p.x.push_back(Real(from.values[r]));
    p.y.push_back(Real(wanted[r]));
  }
  const auto same = [](const std::vector<double>& v) {
    return std::all_of(v.begin(), v.end(), [&](double d) { return d == v[0]; });
  };
  if (same(p.x) || same(p.y)) return std::nullopt;
  auto proportion = Proportion(from, p, wanted, places), sloping = Sloping(from, p, wanted, places);
  if (!proportion || (sloping && sloping->cost + 0.5f < proportion->cost)) return sloping;
  return proportion;
}

}  // namespace hasten::solve
