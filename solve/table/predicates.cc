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
  Finder(const View& view, const Budget& budget) : view_(view), budget_(budget) {}

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
      Try(Apply("not", {Apply("is_nothing", {Apply("moment", {cell, Number(1), Text("month first")})})}), 2.0f);
      Texts(column);
      Numbers(column);
      Moments(column);
    }
    Columns();
    std::stable_sort(found_.begin(), found_.end(), [](const Predicate& a, const Predicate& b) { return a.cost < b.cost; });
    return std::move(found_);
  }

 private:
  void Try(Expr condition, float cost) {
    if (budget_.Over()) return;
    std::vector<bool> holds;
    size_t yes = 0;
    for (size_t r = 0; r < view_.rows.size(); ++r) {
      const Value v = Evaluate(condition, view_.rows[r]->cells);
      holds.push_back(v.kind == Value::Kind::kBool && v.truth);
      yes += r < view_.given && holds.back();
    }
    if (yes == 0 || yes == view_.given) return;
    const auto others = size_t(std::count(holds.begin() + long(view_.given), holds.end(), true));
    const size_t asked = view_.rows.size() - view_.given;
    if (asked > 1 && (others == 0 || others == asked)) cost += 0.6f;  // it tells none of them apart
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
      for (const char* kind : {"word", "letters"}) {
        for (const TokenSpan& t : FindTokens(*cell, *FindTokenKind(kind))) words.insert(cell->substr(t.begin, t.end - t.begin));
      }
      for (const char* kind : {"marks", "space"}) {
        for (const TokenSpan& t : FindTokens(*cell, *FindTokenKind(kind))) {
          marks.insert(cell->substr(t.begin, t.end - t.begin));
          marks.insert(cell->substr(t.begin, 1));
        }
      }
      shapes.insert(ShapeOf(*cell));
      if (cell->size() <= 40) wholes.insert(*cell);
      if (!cell->empty()) {
        Try(Apply("starts", {Input(column), Text(cell->substr(0, 1))}), 1.7f + Unseen(column, First));
        Try(Apply("ends", {Input(column), Text(cell->substr(cell->size() - 1))}), 1.6f + Unseen(column, Last));
        for (const int k : {1, -1}) {
          const auto feature = k == 1 ? Word<false> : Word<true>;
          if (feature(*cell) != *cell)
            Try(Apply("equals", {Apply("match", {Input(column), Text("nonspace"), Number(k)}), Text(feature(*cell))}),
                1.7f + Unseen(column, feature));
        }
      }
      if (words.size() > kMostWords) break;
    }
    for (const std::string& m : marks) Try(Apply("contains", {Input(column), Text(m)}), 1.2f);
    for (const std::string& w : words)
      Try(Apply("contains", {Input(column), Text(w)}), w.size() == 1 || ShapeOf(w) == "9" ? 2.4f : 1.8f);
    for (const std::string& s : shapes) Try(Apply("shape", {Input(column), Text(s)}), 1.8f + 0.1f * float(s.size()));
    const size_t kinds = KindsOf(column);
    const float whole = kinds ? 0.9f + 0.1f * float(kinds) : 2.8f;
    for (const std::string& w : wholes) Try(Apply("equals", {Input(column), Text(w)}), whole);
    std::map<std::string, size_t> spelled;
    for (const std::string& w : wholes) ++spelled[Lower(w)];
    for (const auto& [w, ways] : spelled) {  // Yes and YES: whoever wrote them minds no case
      if (ways > 1) Try(Apply("equals", {Apply("lower", {Input(column)}), Text(w)}), 0.5f);
    }
  }

  // How many kinds a column has, if its values are kinds: few, most of them more than once, as countries are; else 0.
  size_t KindsOf(size_t column) const {
    std::set<Cell> values;
    for (const Row* row : view_.rows) values.insert(row->cells[column]);
    return view_.rows.size() >= 5 && values.size() * 2 <= view_.rows.size() ? values.size() : 0;
  }

  static std::string Lower(const std::string& text) { return Evaluate(Apply("lower", {Text(text)}), {}).text; }

  static std::string First(const std::string& cell) { return cell.substr(0, 1); }
  static std::string Last(const std::string& cell) { return cell.empty() ? "" : cell.substr(cell.size() - 1); }

  template <bool last>
  static std::string Word(const std::string& cell) {
    const auto words = FindTokens(cell, *FindTokenKind("nonspace"));
    if (words.empty()) return "";
    const TokenSpan& word = last ? words.back() : words.front();
    return cell.substr(word.begin, word.end - word.begin);
  }

  // A condition on a feature of cells says little where most rows to be filled have one that no given row has.
  float Unseen(size_t column, std::string (*feature)(const std::string&)) const {
    std::set<std::string> seen;
    size_t unseen = 0;
    for (size_t r = 0; r < view_.rows.size(); ++r) {
      const Cell& cell = view_.rows[r]->cells[column];
      if (r < view_.given) seen.insert(cell ? feature(*cell) : "");
      if (r >= view_.given && cell && !seen.contains(feature(*cell))) ++unseen;
    }
    const size_t others = view_.rows.size() - view_.given;
    return others == 0 ? 0.0f : 0.9f * float(unseen) / float(others);
  }

  // Morning or afternoon, weekend, parts of the year.
  void Moments(size_t column) {
    for (const char* order : {"month first", "day first"}) {
      const Expr m = Apply("moment", {Input(column), Number(1), Text(order)});
      const float dear = order == std::string_view("month first") ? 0.0f : 0.1f;
      if (!OnAllGiven(view_, m)) continue;  // a date or none is a condition of its own
      const Expr hour = Apply("number", {Apply("part", {m, Text("H")}), Number(1)});
      Try(Apply("less", {hour, Number(12)}), 1.4f + dear);
      Thresholds(hour, 2.0f + dear);
      const Expr weekday = Apply("weekday", {m});
      Try(Apply("less", {weekday, Number(6)}), 1.6f + dear);
      Thresholds(weekday, 2.4f + dear);
      for (const char* part : {"M", "d", "yyyy"})
        Thresholds(Apply("number", {Apply("part", {m, Text(part)}), Number(1)}), 2.1f + dear);
    }
  }

  // What two columns say of each other.
  void Columns() {
    for (size_t a = 0; a < view_.columns() && view_.columns() <= 12; ++a) {
      for (size_t b = 0; b < view_.columns(); ++b) {
        if (a == b) continue;
        const auto number = [](size_t c) { return Apply("number", {Input(c), Number(1)}); };
        const auto moment = [](size_t c) { return Apply("moment", {Input(c), Number(1), Text("month first")}); };
        if (a < b) Try(Apply("equals", {Input(a), Input(b)}), 1.0f);
        if (a < b) Try(Apply("equals", {Apply("lower", {Input(a)}), Apply("lower", {Input(b)})}), 1.4f);
        Try(Apply("less", {number(a), number(b)}), 1.2f);
        Try(Apply("less", {Number(0), Apply("days", {moment(a), moment(b)})}), 1.3f);
        Try(Apply("contains", {Input(a), Input(b)}), 1.2f);
        Try(Apply("starts", {Input(a), Input(b)}), 1.3f);
        Try(Apply("ends", {Input(a), Input(b)}), 1.4f);
        Try(Apply("less", {Apply("length", {Input(a)}), Apply("length", {Input(b)})}), 2.2f);
      }
    }
  }

  // Thresholds half-way between neighbouring values, rounded to few digits.
  void Numbers(size_t column) {
    const bool alone = std::none_of(view_.rows.begin(), view_.rows.begin() + long(view_.given), [&](const Row* row) {
      return row->cells[column] && ShapeOf(*row->cells[column]).find_first_of("Aa") != std::string::npos;
    });
    const std::pair<Expr, float> sources[] = {
        {Apply("number", {Input(column), Number(1)}), alone ? 1.8f : 3.0f},  // words beside a number say what it counts
        {Apply("length", {Input(column)}), 2.0f},
        {Apply("count", {Input(column), Text("word")}), 1.9f},
    };
    for (const auto& [number, cost] : sources) Thresholds(number, cost);
    const Expr one = sources[0].first, other = Apply("number", {Input(column), Number(2)});
    Try(Apply("less", {one, other}), 1.9f);
    Try(Apply("less", {other, one}), 1.9f);
    for (const int k : {2, 5, 10}) {
      const Expr rest = Apply("remainder", {Apply("number", {Input(column), Number(1)}), Number(k)});
      Try(Apply("less", {rest, Number(1)}), 3.0f + 0.1f * float(k));
    }
  }

  void Thresholds(const Expr& number, float cost) {
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

  // The roundest whole number above `low` and not above `high`: of as round ones that nearest to their middle.
  static std::optional<int64_t> Threshold(const Decimal& low, const Decimal& high) {
    const auto sum = low.Plus(high);
    const auto middle = sum ? sum->Over(Decimal::Of(2)) : std::nullopt;
    for (int64_t power = 1000000000; middle && power >= 1; power /= 10) {
      for (const int64_t unit : {power, power / 2}) {
        if (unit == 0 || (unit != power && power < 10)) continue;
        for (const Rounding mode : {Rounding::kNearest, Rounding::kUp, Rounding::kDown}) {
          const auto at = RoundTo(*middle, Decimal::Of(unit), {}, mode);
          if (at && low < *at && !(high < *at) && at->scale == 0) return int64_t(at->mantissa);
        }
      }
    }
    return std::nullopt;
  }

  const View& view_;
  const Budget& budget_;
  std::vector<Predicate> found_;
  std::map<std::vector<bool>, size_t> cheapest_;
};

}  // namespace

std::vector<Predicate> FindPredicates(const View& view, const Budget& budget) { return Finder(view, budget).Find(); }

}  // namespace hasten::solve
