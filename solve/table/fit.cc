// Straight lines through given numbers: prices with tax, degrees, units of measure.
#include <algorithm>
#include <cmath>

#include "solve/table/fitting.h"
#include "solve/table/ready.h"

namespace hasten::solve {

namespace {

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

constexpr int64_t kLargestDenominator = 99;

struct Points {
  std::vector<double> x, y;
  double half;  // of the unit that y is known to
};

// Divided by a short number: prices without tax, metres a second.
std::optional<Computed> Quotient(const Computed& from, const Interval& factor, const std::vector<Decimal>& wanted, int places) {
  if (!(factor.low > 0)) return std::nullopt;
  for (int d = 0; d <= 2; ++d) {
    const auto k = Inside({1 / factor.high, 1 / factor.low}, d);
    if (!k || k->mantissa == 0) continue;
    Computed line{from.number, from.cost + 1.3f + 0.5f * float(DigitsOf(*k)), -1, {}, true};
    if (d > 0) line.number = Apply("times_ten", {line.number, Number(d)});
    line.number = Apply("over", {line.number, Number(int64_t(k->mantissa))});
    auto values = WantedValues(wanted, places, [&](size_t r) { return from.values[r].Over(*k); });
    if (!values) return std::nullopt;
    line.values = *std::move(values);
    return line;
  }
  return std::nullopt;
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
    return line && Gives(line->values, wanted, places) ? line : std::nullopt;
  };
  for (int d = 0; d <= kMostPlaces; ++d) {
    for (const Decimal& known : kFactors) {
      if (d < 2 || Real(known) < factor.low || Real(known) > factor.high) continue;
      if (auto line = as(known, 3)) return line;
    }
    const auto k = Inside(factor, d);
    if (!k || k->mantissa == 0) continue;
    if (DigitsOf(*k) + (p.x.size() == 2) > 5) break;
    if (auto line = as(*k, DigitsOf(*k))) return line;
  }
  return Quotient(from, factor, wanted, places);
}

// The fraction of the smallest denominator in an interval of positive numbers, by continued fractions.
std::optional<std::pair<int64_t, int64_t>> SimplestFraction(double low, double high, int depth = 0) {
  const double whole = std::floor(low);
  if (low <= 0 || depth > 12 || !(high < 1e6)) return std::nullopt;
  if (whole + 1 <= high || whole == low) return std::pair{int64_t(whole == low ? whole : whole + 1), int64_t(1)};
  const auto rest = SimplestFraction(1 / (high - whole), 1 / (low - whole), depth + 1);
  if (!rest || rest->first > kLargestDenominator) return std::nullopt;
  return std::pair{int64_t(whole) * rest->first + rest->second, rest->first};
}

// (x - start) * p / q, of whole numbers: degrees Fahrenheit as Celsius.
std::optional<Computed> Fraction(const Computed& from, const Points& p, const Interval& slope,
                                 const std::vector<Decimal>& wanted, int places) {
  const double sign = slope.high < 0 ? -1 : 1;
  const auto simplest = sign > 0 ? SimplestFraction(slope.low, slope.high) : SimplestFraction(-slope.high, -slope.low);
  if (!simplest) return std::nullopt;
  const auto times = int64_t(sign) * simplest->first, over = simplest->second;
  int64_t ten = over;
  while (ten % 2 == 0) ten /= 2;
  while (ten % 5 == 0) ten /= 5;
  if (ten == 1) return std::nullopt;  // a decimal
  const double back = double(over) / double(times);
  Interval start;
  for (size_t r = 0; r < p.x.size(); ++r) start.Meet(p.x[r] - (p.y[r] - p.half) * back, p.x[r] - (p.y[r] + p.half) * back);
  const auto a = Inside(start, 0);
  const int digits = a ? DigitsOf(Decimal::Of(times)) + DigitsOf(Decimal::Of(over)) + DigitsOf(*a) : 0;
  if (!a || digits > int(2 * p.x.size())) return std::nullopt;
  Computed line{from.number, from.cost + 1.6f + 0.5f * float(digits), -1, {}, true};
  const auto number = [](const Decimal& d) { return Number(int64_t(d.mantissa)); };
  if (a->mantissa > 0) line.number = Apply("minus", {line.number, number(*a)});
  if (a->mantissa < 0) line.number = Apply("plus", {line.number, Number(int64_t(-a->mantissa))});
  if (times != 1) line.number = Apply("times", {line.number, Number(times)});
  line.number = Apply("over", {line.number, Number(over)});
  auto values = WantedValues(wanted, places, [&](size_t r) {
    const auto run = from.values[r].Minus(*a);
    const auto rise = run ? run->Times(Decimal::Of(times)) : std::nullopt;
    return rise ? rise->Over(Decimal::Of(over)) : std::nullopt;
  });
  if (!values) return std::nullopt;
  line.values = *std::move(values);
  return line;
}

std::optional<Computed> Sloping(const Computed& from, const Points& p, const std::vector<Decimal>& wanted, int places) {
  const auto [least, most] = std::minmax_element(p.x.begin(), p.x.end());
  const size_t first = size_t(least - p.x.begin()), last = size_t(most - p.x.begin()), n = p.x.size();
  Interval slope;
  const double run = p.x[last] - p.x[first], rise = p.y[last] - p.y[first];
  slope.Meet((rise - 2 * p.half) / run, (rise + 2 * p.half) / run);
  std::optional<Computed> best = n < 3 ? std::nullopt : Fraction(from, p, slope, wanted, places);
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
      if (line && Gives(line->values, wanted, places)) return best && best->cost < line->cost ? best : line;
    }
  }
  return best;
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
