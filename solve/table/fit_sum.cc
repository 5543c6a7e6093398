// Sums of given numbers, each times a constant: hours and minutes, feet and inches, points of a season.
#include "solve/table/fitting.h"
#include "solve/table/ready.h"

namespace hasten::solve {

namespace {

// A number is taken `times` and divided by `over`.
struct Weight {
  Decimal times;
  int64_t over = 1;
  double Real() const { return solve::Real(times) / double(over); }
  bool IsOne() const { return over == 1 && times == Decimal::Of(1); }
  int Digits() const { return IsOne() ? 0 : over == 1 ? DigitsOf(times) : 1; }
};

// Parts of which units of time, angle, length and weight have so many.
constexpr int64_t kParts[] = {60, 3600, 12, 24, 7, 16, 14};

std::optional<Weight> WeightInside(const Interval& in) {
  for (int places = 0; places <= 2; ++places) {
    const auto d = Inside(in, places);
    if (d && d->mantissa != 0) return Weight{*d};
    for (const int64_t parts : kParts) {
      if (places == 0 && in.Has(1.0 / double(parts))) return Weight{Decimal::Of(1), parts};
    }
  }
  return std::nullopt;
}

// The sum of the terms; nothing where it is not what is wanted.
std::optional<Computed> Sum(std::span<const Computed* const> terms, std::span<const Weight> weights,
                            const std::vector<Decimal>& wanted, int places) {
  int digits = 0;
  Computed sum{{}, 3.0f, -1, std::vector<Decimal>(wanted.size()), true};
  for (size_t t = 0; t < terms.size(); ++t) {
    const Weight& w = weights[t];
    digits += w.Digits();
    Expr term = terms[t]->number;
    const int64_t times = int64_t(w.times.TimesPowerOfTen(w.times.scale)->mantissa);
    if (times != 1 || w.times.scale != 0) term = Apply("times", {term, Number(times)});
    if (w.times.scale != 0) term = Apply("times_ten", {term, Number(-w.times.scale)});
    if (w.over != 1) term = Apply("over", {term, Number(w.over)});
    sum.number = t == 0 ? term : Apply("plus", {sum.number, term});
    for (size_t r = 0; r < wanted.size(); ++r) {
      auto value = terms[t]->values[r].Times(w.times);
      if (value && w.over != 1) value = value->Over(Decimal::Of(w.over));
      value = value ? sum.values[r].Plus(*value) : std::nullopt;
      if (!value) return std::nullopt;
      sum.values[r] = *value;
    }
  }
  // Two constants can always be found for two rows: then only such as anybody knows.
  if (terms.size() == 2 && digits > (wanted.size() == 2 ? 1 : int(2 * wanted.size()) - 2)) return std::nullopt;
  sum.cost += 0.5f * float(digits);
  return Gives(sum.values, wanted, places) ? std::optional(std::move(sum)) : std::nullopt;
}

std::vector<double> Reals(const std::vector<Decimal>& values) {
  std::vector<double> reals;
  for (const Decimal& d : values) reals.push_back(Real(d));
  return reals;
}

}  // namespace

std::optional<Computed> FitSum(const Computed& first, const Computed& second, const std::vector<Decimal>& wanted, int places) {
  const std::vector<double> a = Reals(first.values), b = Reals(second.values), y = Reals(wanted);
  size_t i = 0, j = 0;
  double most = 0;
  const auto area = [&](size_t r, size_t s) { return a[r] * b[s] - a[s] * b[r]; };
  for (size_t r = 0; r < y.size(); ++r) {
    for (size_t s = r + 1; s < y.size(); ++s) {
      if (std::fabs(area(r, s)) > std::fabs(most)) most = area(i = r, j = s);
    }
  }
  if (most == 0 || Gives(first.values, wanted, places) || Gives(second.values, wanted, places)) return std::nullopt;
  const double half = 0.5 * std::pow(10.0, -places);
  const auto around = [&](double value, double reach) {
    Interval in;
    in.Meet(value - std::fabs(reach * half / most), value + std::fabs(reach * half / most));
    return in;
  };
  const auto p = WeightInside(around((y[i] * b[j] - y[j] * b[i]) / most, std::fabs(b[i]) + std::fabs(b[j])));
  const auto q = WeightInside(around((a[i] * y[j] - a[j] * y[i]) / most, std::fabs(a[i]) + std::fabs(a[j])));
  if (!p || !q || (p->IsOne() && q->IsOne())) return std::nullopt;
  return Sum(std::vector{&first, &second}, std::vector{*p, *q}, wanted, places);
}

std::optional<Computed> FitUnits(const Computed& first, const Computed& second, const Computed& third,
                                 const std::vector<Decimal>& wanted, int places) {
  const auto whole = [](int64_t n) { return Weight{Decimal::Of(n)}; };
  const auto part = [](int64_t n) { return Weight{Decimal::Of(1), n}; };
  const Weight known[][3] = {
      {whole(3600), whole(60), whole(1)},     {whole(1), part(60), part(3600)},       {whole(60), whole(1), part(60)},
      {whole(1440), whole(60), whole(1)},     {whole(86400), whole(3600), whole(60)}, {whole(24), whole(1), part(60)},
      {whole(10080), whole(1440), whole(60)},
  };
  for (const auto& weights : known) {
    if (auto sum = Sum(std::vector{&first, &second, &third}, weights, wanted, places)) return sum;
  }
  return std::nullopt;
}

}  // namespace hasten::solve
