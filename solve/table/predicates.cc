#include "solve/table/predicates.h"

#include <algorithm>
#include <map>
#include <set>

#include "solve/lang/tokens.h"

namespace hasten::solve {

namespace {

constexpr size_t kMostWords = 80;

class Finder {
 public:
  explicit Finder(const View& view) : view_(view) {}

  std::vector<Predicate> Find() {
    for (size_t column = 0; column < view_.columns(); ++column) {
      const Expr cell = Input(column);
      Try(Apply("is_nothing", {cell}), 0.8f);
      Try(Apply("empty", {cell}), 0.6f);
      for (const TokenKind& kind : TokenKinds())
        Try(Apply("not", {Apply("is_nothing", {Apply("match", {cell, Text(std::string(kind.name)), Number(1)})})}), 0.9f);
      for (const int k : {2, 3, 4}) {
        for (const char* kind : {"digits", "word", "nonspace", "upper"}) {
          Try(Apply("not", {Apply("is_nothing", {Apply("match", {cell, Text(kind), Number(k)})})}), 1.1f + 0.2f * float(k));
        }
      }
      Try(Apply("not", {Apply("is_nothing", {Apply("moment", {cell, Number(1), Text("month first")})})}), 1.2f);
      Texts(column);
      Numbers(column);
    }
    std::stable_sort(found_.begin(), found_.end(), [](const Predicate& a, const Predicate& b) { return a.cost < b.cost; });
    return std::move(found_);
  }

 private:
  void Try(Expr condition, float cost) {
    std::vector<bool> holds;
    size_t yes = 0;
    for (size_t r = 0; r < view_.rows.size(); ++r) {
      const Value v = Evaluate(condition, view_.rows[r]->cells);
      holds.push_back(v.kind == Value::Kind::kBool && v.truth);
      yes += r < view_.given && holds.back();
    }
    if (yes == 0 || yes == view_.given) return;
    const auto [known, is_new] = cheapest_.try_emplace(holds, found_.size());
    if (is_new) {
      found_.push_back({std::move(condition), cost, std::move(holds)});
    } else if (cost < found_[known->second].cost) {
      found_[known->second] = {std::move(condition), cost, std::move(holds)};
    }
  }

  // Marks, words, beginnings, ends and shapes of the given cells.
  void Texts(size_t column) {
    std::set<std::string> words, marks, shapes, wholes;
    for (size_t r = 0; r < view_.given; ++r) {
      const Cell& cell = view_.rows[r]->cells[column];
      if (!cell) continue;
      for (const TokenSpan& t : FindTokens(*cell, *FindTokenKind("word"))) words.insert(cell->substr(t.begin, t.end - t.begin));
      for (const char* kind : {"marks", "space"}) {
        for (const TokenSpan& t : FindTokens(*cell, *FindTokenKind(kind))) {
          marks.insert(cell->substr(t.begin, t.end - t.begin));
          marks.insert(cell->substr(t.begin, 1));
        }
      }
      shapes.insert(ShapeOf(*cell));
      if (cell->size() <= 40) wholes.insert(*cell);
      if (!cell->empty()) {
        Try(Apply("starts", {Input(column), Text(cell->substr(0, 1))}), 1.7f);
        Try(Apply("ends", {Input(column), Text(cell->substr(cell->size() - 1))}), 1.6f);
      }
      if (words.size() > kMostWords) break;
    }
    for (const std::string& m : marks) Try(Apply("contains", {Input(column), Text(m)}), 1.2f);
    for (const std::string& w : words) Try(Apply("contains", {Input(column), Text(w)}), w.size() == 1 ? 2.4f : 1.8f);
    for (const std::string& s : shapes) Try(Apply("shape", {Input(column), Text(s)}), 1.8f + 0.1f * float(s.size()));
    for (const std::string& w : wholes) Try(Apply("equals", {Input(column), Text(w)}), 2.8f);
  }

  // Thresholds half-way between neighbouring values, rounded to few digits.
  void Numbers(size_t column) {
    const std::pair<Expr, float> sources[] = {
        {Apply("number", {Input(column), Number(1)}), 1.8f},
        {Apply("length", {Input(column)}), 2.0f},
        {Apply("count", {Input(column), Text("word")}), 1.9f},
    };
    for (const auto& [number, cost] : sources) {
      std::vector<Decimal> values;
      for (size_t r = 0; r < view_.given; ++r) {
        const Value v = Evaluate(number, view_.rows[r]->cells);
        if (!v.IsNone()) values.push_back(v.number);
      }
      std::sort(values.begin(), values.end());
      for (size_t i = 0; i + 1 < values.size(); ++i) {
        if (values[i] == values[i + 1]) continue;
        if (const auto at = Threshold(values[i], values[i + 1])) Try(Apply("less", {number, Number(*at)}), cost);
      }
    }
  }

  // The roundest whole number above `low` and not above `high`.
  static std::optional<int64_t> Threshold(const Decimal& low, const Decimal& high) {
    for (int64_t unit = 1000000000; unit >= 1; unit /= 10) {
      const auto up = RoundTo(high, Decimal::Of(unit), {}, Rounding::kDown);
      if (up && low < *up && up->scale == 0) return int64_t(up->mantissa);
    }
    return std::nullopt;
  }

  const View& view_;
  std::vector<Predicate> found_;
  std::map<std::vector<bool>, size_t> cheapest_;
};

}  // namespace

std::vector<Predicate> FindPredicates(const View& view) { return Finder(view).Find(); }

}  // namespace hasten::solve
