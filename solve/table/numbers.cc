#include <cmath>
#include <map>

#include "solve/table/ready.h"

namespace hasten::solve {

namespace {

struct Unit {
  int count, places;  // count * 10^-places
  float cost;
};

constexpr Unit kUnits[] = {
    {1, 0, 0.5f},    {1, 1, 0.6f},     {1, 2, 0.5f},      {1, 3, 0.6f},       {1, 4, 0.7f},   {5, 2, 1.0f},
    {25, 2, 1.2f},   {5, 1, 1.0f},     {2, 0, 1.8f},      {3, 0, 2.0f},       {4, 0, 1.8f},   {5, 0, 1.0f},
    {10, 0, 0.6f},   {15, 0, 1.4f},    {20, 0, 1.2f},     {25, 0, 1.2f},      {30, 0, 1.6f},  {50, 0, 1.1f},
    {60, 0, 1.6f},   {100, 0, 0.7f},   {200, 0, 1.4f},    {250, 0, 1.4f},     {500, 0, 1.2f}, {1000, 0, 0.7f},
    {5000, 0, 1.4f}, {10000, 0, 0.8f}, {100000, 0, 0.8f}, {1000000, 0, 0.8f}, {20, 2, 1.6f},  {1, 5, 1.0f},
};

// Scales that units of measure have.
constexpr std::pair<int, float> kScales[] = {{0, 0.0f},  {2, 0.8f}, {-2, 0.8f}, {3, 0.8f}, {-3, 0.8f}, {1, 1.2f},
                                             {-1, 1.2f}, {6, 1.0f}, {-6, 1.0f}, {9, 1.3f}, {-9, 1.3f}};

class Finder {
 public:
  explicit Finder(const View& view) : view_(view) {}

  std::vector<Computed> Find() {
    std::vector<Expr> wholes;
    for (size_t column = 0; column < view_.columns(); ++column) {
      for (const int k : {1, 2, 3, 4, 5, 6, -1, -2}) {
        const Expr n = Apply("number", {Input(column), Number(k)});
        const auto values = Given(n);
        if (!values || !seen_.emplace(Key(n), 0).second) continue;
        if (k == 1) wholes.push_back(n);
        Derive(n, *values, 1.6f + 0.3f * float(std::labs(k) - 1) + (k < 0 ? 0.2f : 0.0f));
      }
      Add(Apply("length", {Input(column)}), 2.6f, -1);
      for (const char* kind : {"nonspace", "word", "digits", "upper", "marks"})
        Add(Apply("count", {Input(column), Text(kind)}), 3.0f, -1);
    }
    Pairs(wholes);
    return std::move(found_);
  }

 private:
  std::optional<std::vector<Decimal>> Given(const Expr& e) const {
    std::vector<Decimal> values;
    for (size_t r = 0; r < view_.given; ++r) {
      const Value v = Evaluate(e, view_.rows[r]->cells);
      if (v.kind != Value::Kind::kNumber) return std::nullopt;
      values.push_back(v.number);
    }
    return values;
  }

  // The same number on all rows is the same number.
  std::string Key(const Expr& e) const {
    std::string key;
    for (const Row* row : view_.rows) {
      const Value v = Evaluate(e, row->cells);
      key += (v.IsNone() ? "" : FormatNumber(v.number, {})) + "|";
    }
    return key;
  }

  void Add(const Expr& e, float cost, int source) {
    if (auto values = Given(e)) found_.push_back({e, cost, source, std::move(*values)});
  }

  template <class F>
  static std::optional<std::vector<Decimal>> Map(const std::vector<Decimal>& values, const F& f) {
    std::vector<Decimal> out;
    for (const Decimal& v : values) {
      const auto w = f(v);
      if (!w) return std::nullopt;
      out.push_back(*w);
    }
    return out;
  }

  void Derive(const Expr& n, const std::vector<Decimal>& values, float cost) {
    const int source = (500 + source_++) * kVariants;
    for (const auto& [scale, scale_cost] : kScales) {
      const auto scaled = Map(values, [&](const Decimal& v) { return v.TimesPowerOfTen(scale); });
      if (!scaled) continue;
      const Expr e = scale == 0 ? n : Apply("times_ten", {n, Number(scale)});
      const float base = cost + scale_cost;
      found_.push_back({e, base, source, *scaled});
      for (const Unit& unit : kUnits) {
        for (const auto& [mode, mode_cost] :
             {std::pair{Rounding::kNearest, 0.0f}, {Rounding::kDown, 0.2f}, {Rounding::kUp, 0.5f}}) {
          Round(e, *scaled, unit, 0, mode, base + 0.6f + unit.cost + mode_cost,
                source + 1 + 3 * int(&unit - kUnits) + int(mode));
        }
        if (scale == 0 && unit.places == 0 && unit.count > 1)
          Round(e, *scaled, unit, 1, Rounding::kDown, base + 1.6f + unit.cost, source + 1000 + int(&unit - kUnits));
      }
    }
  }

  void Round(const Expr& e, const std::vector<Decimal>& values, const Unit& unit, int offset, Rounding mode, float cost,
             int source) {
    const auto rounded =
        Map(values, [&](const Decimal& v) { return RoundTo(v, {unit.count, unit.places}, {offset, unit.places}, mode); });
    if (!rounded) return;
    const char* const name = mode == Rounding::kDown ? "down" : mode == Rounding::kUp ? "up" : "nearest";
    const Expr r = Apply("round", {e, Number(unit.count), Number(offset), Number(unit.places), Text(name)});
    found_.push_back({r, cost, source, *rounded});
    if (mode != Rounding::kDown || unit.places != 0 || unit.count < 2) return;
    for (const int shift : {unit.count, unit.count - 1}) {  // the other end of the bucket
      const auto end = Map(*rounded, [&](const Decimal& v) { return v.Plus(Decimal::Of(shift)); });
      if (end) found_.push_back({Apply("plus", {r, Number(shift)}), cost + 0.2f, source, *end});
    }
  }

  // Sums and differences of columns, days between dates.
  void Pairs(const std::vector<Expr>& wholes) {
    for (size_t i = 0; i < wholes.size(); ++i) {
      for (size_t j = i + 1; j < wholes.size(); ++j) Add(Apply("plus", {wholes[i], wholes[j]}), 3.2f, -1);
    }
    for (size_t a = 0; a < view_.columns(); ++a) {
      for (size_t b = 0; b < view_.columns(); ++b) {
        if (a == b) continue;
        for (const char* order : {"month first", "day first"}) {
          const auto date = [&](size_t c) { return Apply("moment", {Input(c), Number(1), Text(order)}); };
          Add(Apply("days", {date(a), date(b)}), 3.4f, -1);
        }
      }
    }
  }

  const View& view_;
  std::vector<Computed> found_;
  std::map<std::string, int> seen_;
  int source_ = 0;
};

}  // namespace

std::vector<Computed> FindNumbers(const View& view) { return Finder(view).Find(); }

}  // namespace hasten::solve
