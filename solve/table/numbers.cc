#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "solve/lang/tokens.h"
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
      const Expr cell = Input(column);
      for (const int k : {0, 1, 2, 3, 4, 5, 6, -1, -2}) {
        const bool points = k == 0;
        if (points && !AreInPoints(column)) continue;
        const Expr n = points ? Apply("number", {InPoints(cell), Number(1)}) : Apply("number", {cell, Number(k)});
        const auto values = Given(n);
        if (!values || !seen_.emplace(Key(n), 0).second) continue;
        if (k == 1 || k == 2 || points) wholes.push_back(n);
        Derive(n, *values, points ? 2.0f : 1.6f + 0.3f * float(std::labs(k) - 1) + (k < 0 ? 0.2f : 0.0f));
        if (points) break;
      }
      Add(Apply("length", {Input(column)}), 2.6f, -1);
      for (const char* kind : {"nonspace", "word", "digits", "upper", "marks"})
        Add(Apply("count", {Input(column), Text(kind)}), 3.0f, -1);
      Counts(column);
      for (const char* how : {"sum", "average", "largest", "smallest"})
        DeriveLittle(Apply("numbers", {Input(column), Text(how)}), 3.0f);
    }
    Pairs(wholes);
    Moments();
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

  // "1.234,50" as "1234.50".
  static Expr InPoints(const Expr& text) {
    const Expr bare = Apply("replace", {Apply("replace", {text, Text("."), Text("")}), Text(" "), Text("")});
    return Apply("replace", {bare, Text(","), Text(".")});
  }

  // Are the given cells numbers with a decimal comma, and some of them none with a point?
  bool AreInPoints(size_t column) const {
    bool own = false;
    for (size_t r = 0; r < view_.given; ++r) {
      const Cell& cell = view_.rows[r]->cells[column];
      if (!cell) return false;
      const size_t comma = cell->rfind(','), point = cell->rfind('.');
      if (comma == std::string::npos) continue;
      if (cell->find(',') != comma || (point != std::string::npos && point > comma)) return false;
      const size_t digits =
          size_t(std::count_if(cell->begin() + long(comma), cell->end(), [](char c) { return c >= '0' && c <= '9'; }));
      own = own || point != std::string::npos || digits != 3;
    }
    return own;
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
      found_.push_back({e, base, source, *scaled, false, scale == 0});
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

  // Like Derive, for what is computed of columns: as it is or in percent, and rounded to a few places.
  void DeriveLittle(const Expr& n, float cost) {
    const auto values = Given(n);
    if (!values) return;
    const int source = (500 + source_++) * kVariants;
    for (const int scale : {0, 2}) {
      const auto scaled = Map(*values, [&](const Decimal& v) { return v.TimesPowerOfTen(scale); });
      if (!scaled) continue;
      const Expr e = scale == 0 ? n : Apply("times_ten", {n, Number(scale)});
      const float base = cost + (scale == 0 ? 0.0f : 0.5f);
      found_.push_back({e, base, source, *scaled, true});
      for (int places = 0; places <= 4; ++places) {
        Round(e, *scaled, {1, places, 0}, 0, Rounding::kNearest, base + 0.4f, source + 1 + places);
        if (places == 0) Round(e, *scaled, {1, 0, 0}, 0, Rounding::kDown, base + 0.7f, source + 10);
        if (places == 0) Round(e, *scaled, {1, 0, 0}, 0, Rounding::kUp, base + 1.0f, source + 11);
      }
    }
  }

  // What two columns give, or all of them.
  void Pairs(const std::vector<Expr>& wholes) {
    for (size_t i = 0; i < wholes.size(); ++i) {
      for (size_t j = 0; j < wholes.size(); ++j) {
        if (i == j || wholes.size() > kMostOperands) continue;
        const Expr &a = wholes[i], &b = wholes[j];
        if (i < j) {
          DeriveLittle(Apply("plus", {a, b}), 3.0f);
          DeriveLittle(Apply("times", {a, b}), 3.0f);
          DeriveLittle(Apply("over", {Apply("plus", {a, b}), Number(2)}), 3.5f);
          Add(Apply("larger", {a, b}), 3.5f, -1);
          Add(Apply("smaller", {a, b}), 3.5f, -1);
        }
        DeriveLittle(Apply("minus", {a, b}), 3.1f);
        DeriveLittle(Apply("over", {a, b}), 3.2f);
        DeriveLittle(Apply("over", {Apply("minus", {a, b}), b}), 3.8f);
        DeriveLittle(Apply("over", {Apply("times", {a, b}), Number(100)}), 3.8f);
        DeriveLittle(Apply("over", {a, Apply("plus", {a, b})}), 3.9f);
        DeriveLittle(Apply("over", {a, Apply("times", {b, b})}), 4.2f);
        for (const char* op : {"plus", "minus"})  // a with so many percent more, or less
          DeriveLittle(Apply("over", {Apply("times", {a, Apply(op, {Number(100), b})}), Number(100)}), 4.0f);
      }
    }
    for (size_t i = 0; i < wholes.size() && wholes.size() <= 4; ++i) {
      for (size_t j = 0; j < wholes.size(); ++j) {
        for (size_t k = 0; k < wholes.size(); ++k) {
          if (i == j || j == k || i == k) continue;
          if (i < j) DeriveLittle(Apply("plus", {Apply("times", {wholes[i], wholes[j]}), wholes[k]}), 4.4f);
          if (i < j) DeriveLittle(Apply("minus", {Apply("times", {wholes[i], wholes[j]}), wholes[k]}), 4.4f);
          if (i < j && j < k) DeriveLittle(Apply("times", {Apply("times", {wholes[i], wholes[j]}), wholes[k]}), 4.2f);
          if (j < k) DeriveLittle(Apply("minus", {wholes[i], Apply("plus", {wholes[j], wholes[k]})}), 4.2f);
          DeriveLittle(Apply("minus", {Apply("plus", {wholes[i], wholes[j]}), wholes[k]}), 4.4f);
        }
      }
    }
    if (wholes.size() < 3) return;
    Expr sum = wholes[0];
    for (size_t i = 1; i < wholes.size(); ++i) sum = Apply("plus", {sum, wholes[i]});
    DeriveLittle(sum, 3.2f);
    for (const char* op : {"larger", "smaller"}) {
      Expr most = wholes[0];
      for (size_t i = 1; i < wholes.size(); ++i) most = Apply(op, {most, wholes[i]});
      Add(most, 3.2f, -1);
    }
    DeriveLittle(Apply("over", {sum, Number(int64_t(wholes.size()))}), 3.6f);
  }

  // Days, months and years between dates; durations, and times as durations.
  void Moments() {
    const auto times = [&](const Expr& seconds, float cost) {
      DeriveLittle(Apply("over", {seconds, Number(60)}), cost);
      DeriveLittle(Apply("over", {seconds, Number(3600)}), cost + 0.2f);
      Add(seconds, cost + 0.4f, -1);
    };
    for (const char* order : {"month first", "day first", "minutes and seconds"}) {
      const auto moment = [&](size_t c, int k) { return Apply("moment", {Input(c), Number(k), Text(order)}); };
      const float dear = order == std::string_view("month first") ? 0.0f : 0.1f;
      std::vector<size_t> columns;  // only those pair that have a moment on every given row
      for (size_t c = 0; c < view_.columns(); ++c) {
        if (OnAllGiven(view_, moment(c, 1))) columns.push_back(c);
      }
      for (const size_t a : columns) {
        times(Apply("second_of_day", {moment(a, 1)}), 3.2f + dear);
        Between(moment(a, 1), moment(a, 2), 3.8f + dear, times);
        for (const size_t b : columns) {
          if (a != b) Between(moment(a, 1), moment(b, 1), 3.4f + dear, times);
        }
      }
    }
  }

  template <class F>
  void Between(const Expr& from, const Expr& to, float cost, const F& times) {
    for (const char* unit : {"days", "months", "years"}) Add(Apply(unit, {from, to}), cost, -1);
    DeriveLittle(Apply("over", {Apply("days", {from, to}), Number(7)}), cost + 0.6f);
    times(Apply("seconds", {from, to}), cost);
  }

  // How often a mark or a word stands in a column; and one more, the items that a mark divides.
  void Counts(size_t column) {
    const Cell& first = view_.rows[0]->cells[column];
    if (!first) return;
    std::set<std::string> marks;
    std::map<std::string, size_t> words;
    for (size_t r = 0; r < view_.given; ++r) {
      const Cell& cell = view_.rows[r]->cells[column];
      for (const char* kind : {"marks", "letters"}) {
        if (!cell || marks.size() > 24) continue;
        for (const TokenSpan& t : FindTokens(*cell, *FindTokenKind(kind))) {
          const bool letter = t.end - t.begin == 1;
          if (kind == std::string_view("marks") || letter) marks.insert(cell->substr(t.begin, 1));
          if (kind == std::string_view("letters") && !letter) ++words[cell->substr(t.begin, t.end - t.begin)];
        }
      }
    }
    for (const std::string& mark : marks) {
      const Expr count = Apply("count_of", {Input(column), Text(mark)});
      Add(count, 3.1f, -1);
      Add(Apply("plus", {count, Number(1)}), 3.3f, -1);
    }
    for (const auto& [word, times] : words) {
      if (times > 1) Add(Apply("count_of", {Input(column), Text(word)}), 3.6f, -1);
    }
  }

  static constexpr size_t kMostOperands = 6;

  const View& view_;
  std::vector<Computed> found_;
  std::map<std::string, int> seen_;
  int source_ = 0;
};

}  // namespace

void AddNumberTexts(const View& view, std::vector<Ready>& ready) {
  for (size_t column = 0; column < view.columns(); ++column) {
    for (const int k : {1, 2, -1}) {
      for (const auto& [op, cost] : {std::pair{"ordinal", 2.6f}, {"roman", 3.0f}}) {
        const Expr text = Apply(op, {Apply("number", {Input(column), Number(k)})});
        if (auto values = OnGiven(view, text)) ready.push_back({text, cost + (k == 1 ? 0.0f : 0.4f), -1, std::move(*values)});
      }
    }
  }
}

std::vector<Computed> FindNumbers(const View& view) { return Finder(view).Find(); }

}  // namespace hasten::solve
