#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "solve/lang/facts.h"
#include "solve/lang/tokens.h"
#include "solve/table/ready.h"

namespace hasten::solve {

std::optional<std::vector<std::string>> OnGiven(const View& view, const Expr& text) {
  std::vector<std::string> values;
  for (size_t r = 0; r < view.given; ++r) {
    Value v = Evaluate(text, view.rows[r]->cells);
    if (v.kind != Value::Kind::kText || view.rows[r]->output.find(v.text) == std::string::npos) return std::nullopt;
    values.push_back(std::move(v.text));
  }
  return values;
}

static std::string Folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? char(c | 32) : c;
  return out;
}

static const std::set<std::string>& AllFacts() {
  static const std::set<std::string> kAll = [] {
    std::set<std::string> all;
    for (const FactTable& table : FactTables()) {
      for (const std::string_view field : table.fields) all.insert(Folded(field));
    }
    return all;
  }();
  return kAll;
}

void AddFacts(const View& view, const Source& source, const Places& places, std::vector<Ready>& ready) {
  for (const Span& span : places.spans) {
    std::vector<std::string> keys;
    for (size_t r = 0; r < view.given; ++r) {
      keys.push_back(source.cells[r]->substr(size_t(span.begin[r]), size_t(span.end[r] - span.begin[r])));
      if (!AllFacts().contains(Folded(keys.back()))) break;
    }
    if (keys.size() < view.given || !AllFacts().contains(Folded(keys.back()))) continue;
    for (const FactTable& table : FactTables()) {
      for (size_t from = 0; from < table.columns.size(); ++from) {
        if (!std::all_of(keys.begin(), keys.end(), [&](const std::string& k) { return LookUp(table, from, 0, k); })) continue;
        for (size_t to = 0; to < table.columns.size(); ++to) {
          if (to == from) continue;
          const auto name = [&](size_t c) { return Text(std::string(table.columns[c])); };
          const Expr e = Apply("look_up", {span.text, Text(std::string(table.name)), name(from), name(to)});
          if (auto values = OnGiven(view, e)) ready.push_back({e, 2.6f + span.cost, -1, std::move(*values)});
        }
      }
    }
  }
}

namespace {

constexpr const char* kGlues[] = {" ", "-", "_", ".", "/", ",", ", ", "; ", " | "};
constexpr const char* kCaseOps[] = {"lower", "upper", "title", "capital"};

// A whole text with something taken out, kept or put in place of something else.
class Rewriter {
 public:
  Rewriter(const View& view, const Source& source, const Budget& budget, std::vector<Ready>& ready)
      : view_(view), source_(source), budget_(budget), ready_(ready) {
    for (size_t r = 0; r < view.given; ++r) {
      if (!source.cells[r]) return;
      cells_.push_back(*source.cells[r]);
    }
  }

  void Add() {
    if (cells_.size() < view_.given) return;
    Simple();
    const auto is_long = [](const std::string& cell) { return cell.size() > kLongestCell; };
    if (std::any_of(cells_.begin(), cells_.end(), is_long)) return;  // each way to take it apart is a walk through all of it
    Masks();
    Groups();
    Initials();
    Joins();
    Sets();
    Items();
    Replacements();
    Difference();
  }

 private:
  const Expr& Whole() const { return source_.text; }

  void One(Expr e, float cost) {
    if (budget_.Over()) return;
    auto values = OnGiven(view_, e);
    if (!values) return;
    const bool all_empty = std::all_of(values->begin(), values->end(), [](const std::string& v) { return v.empty(); });
    if (!all_empty) ready_.push_back({std::move(e), cost + source_.cost, -1, std::move(*values)});
  }
  void Cases(const Expr& e, float cost) {
    One(e, cost);
    for (const char* op : kCaseOps) One(Apply(op, {e}), cost + 0.8f);
  }

  void Simple() {
    Cases(Apply("trim", {Whole()}), 1.0f);
    Cases(Apply("squeeze", {Whole()}), 1.4f);
    Cases(Apply("plain", {Whole()}), 1.6f);
    One(Apply("reverse", {Whole()}), 3.0f);
    for (const char* kind : {"digits", "letters", "word", "nonspace", "upper", "lower"}) {
      Cases(Apply("keep", {Whole(), Text(kind)}), 1.9f);
      One(Apply("drop", {Whole(), Text(kind)}), 2.0f);
    }
    One(Apply("drop", {Whole(), Text("marks")}), 1.95f);
    Cases(Apply("squeeze", {Apply("drop", {Whole(), Text("marks")})}), 2.6f);
  }

  // Hidden but for a few characters, and as long as it was: ****1234.
  void Masks() {
    const std::string& output = view_.rows[0]->output;
    for (const bool left : {true, false}) {
      const size_t edge = left ? 0 : output.size() - 1;
      if (output.size() < 3 || output[edge] != output[left ? 1 : edge - 1] || ShapeOf(output.substr(edge, 1)) == "9") continue;
      for (int k = 0; k <= 6; ++k) {
        const auto at = [&](int n) { return Apply("at", {Whole(), Number(n)}); };
        const Expr shown = left ? Apply("slice", {Whole(), at(-k - 1), at(-1)}) : Apply("slice", {Whole(), at(0), at(k)});
        One(Apply(left ? "pad_left" : "pad_right", {shown, Apply("length", {Whole()}), Text(output.substr(edge, 1))}),
            2.4f + 0.1f * float(k));
      }
    }
  }

  // Groups from the left, as bank accounts and cards have them.
  void Groups() {
    const std::string& output = view_.rows[0]->output;
    for (const Expr& text : {Whole(), Apply("keep", {Whole(), Text("digits")}), Apply("drop", {Whole(), Text("space")})}) {
      for (const char* glue : {" ", "-", ".", ":"}) {
        for (int size = 2; size <= 8; ++size) {
          if (output.size() > size_t(size) && output[size_t(size)] == *glue)
            One(Apply("groups", {text, Number(size), Text(glue)}), text.kind == Expr::Kind::kInput ? 2.2f : 2.6f);
        }
      }
    }
  }

  void Initials() {
    for (const char* kind : {"nonspace", "letters", "word", "capitalised"}) {
      for (const char* glue : {"", ".", " ", ". "}) {
        float cost = kind == std::string("letters") ? 2.0f : 2.1f;
        if (FindTokens(cells_[0], *FindTokenKind(kind)).size() < 2) cost += 1.2f;  // one initial is the first letter
        Cases(Apply("initials", {Whole(), Text(kind), Text(glue)}), cost + (*glue ? 0.4f : 0.0f));
      }
    }
  }

  // Words with something else between them: slugs, camelCase, lists.
  void Joins() {
    for (const auto& [kind, dear] :
         {std::pair{"word", 0.0f}, {"letters", 0.2f}, {"digits", 0.2f}, {"hump", 0.3f}, {"number", 0.3f}}) {
      const bool some = std::any_of(cells_.begin(), cells_.end(),
                                    [&](const std::string& c) { return FindTokens(c, *FindTokenKind(kind)).size() > 1; });
      if (!some) continue;
      for (const char* glue : kGlues) Cases(Apply("join", {Whole(), Text(kind), Text(glue)}), 2.1f + dear);
      const Expr humps = Apply("join", {Apply("title", {Whole()}), Text(kind), Text("")});
      Cases(humps, 2.4f + dear);
      const auto cut = [&](int from, int to) {
        return Apply("slice", {humps, Apply("at", {humps, Number(from)}), Apply("at", {humps, Number(to)})});
      };
      One(Apply("concat", {Apply("lower", {cut(0, 1)}), cut(1, -1)}), 2.5f + dear);  // camelCase
      for (const char* glue : {"-", "_"})
        One(Apply("join", {Apply("plain", {Apply("lower", {Whole()})}), Text(kind), Text(glue)}), 3.2f);
    }
  }

  // Characters that no output has, and all vowels. Marks are decoration; each letter that goes has to be meant.
  void Sets() {
    std::string gone;
    size_t letters = 0;
    for (size_t r = 0; r < cells_.size(); ++r) {
      for (const char c : cells_[r]) {
        if (static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9')) continue;  // digits are values, not decoration
        if (gone.find(c) != std::string::npos || view_.rows[r]->output.find(c) != std::string::npos) continue;
        gone += c;
        letters += std::isalpha(static_cast<unsigned char>(c)) != 0;
      }
    }
    for (const auto& [all, cost] :
         {std::pair<std::string, float>{"aeiou", 2.6f}, {"aeiouAEIOU", 2.7f}, {gone, 3.0f + 0.4f * float(letters)}}) {
      if (!all.empty()) One(Apply("without", {Whole(), Text(all)}), cost);
    }
  }

  void Items() {
    for (const std::string& separator : Marks(cells_)) {
      const bool some = std::any_of(cells_.begin(), cells_.end(),
                                    [&](const std::string& c) { return c.find(separator) != std::string::npos; });
      if (!some) continue;
      for (const char* how : {"sorted", "sorted down", "unique", "reversed"})
        One(Apply("items", {Whole(), Text(separator), Text(how)}), 2.6f);
      One(Apply("items", {Apply("items", {Whole(), Text(separator), Text("unique")}), Text(separator), Text("sorted")}), 3.4f);
      std::set<std::string> beginnings;
      for (const std::string& mark : Marks(cells_)) beginnings.insert(mark.substr(0, 1));
      for (const std::string& beginning : beginnings) {
        if (beginning == separator) continue;
        const Expr items = Apply("items_with", {Whole(), Text(separator), Text(beginning)});
        One(items, 2.8f);
        for (const char* glue : kGlues) One(Apply("join", {items, Text("word"), Text(glue)}), 3.4f);  // #one #two: one, two
      }
    }
  }

  // Runs of marks and blanks, their first characters, and runs of both.
  static std::set<std::string> Marks(std::span<const std::string> texts) {
    std::set<std::string> marks;
    for (const std::string& text : texts) {
      for (const char* kind : {"marks", "space"}) {
        for (const TokenSpan& t : FindTokens(text, *FindTokenKind(kind))) {
          marks.insert(text.substr(t.begin, t.end - t.begin));
          marks.insert(text.substr(t.begin, 1));
        }
      }
      size_t from = 0;
      for (const TokenSpan& t : FindTokens(text, *FindTokenKind("word"))) {
        if (t.begin - from >= 2 && t.begin - from <= 4 && from > 0) marks.insert(text.substr(from, t.begin - from));
        from = t.end;
      }
      if (marks.size() > kMostMarks) break;
    }
    return marks;
  }

  void Replacements() {
    std::set<std::string> to = {"", " ", "-", "_", ".", "/", ",", ";", ":", ", "};
    std::vector<std::string> outputs;
    for (size_t r = 0; r < view_.given; ++r) outputs.push_back(view_.rows[r]->output);
    to.merge(Marks(outputs));
    const std::set<std::string> marks = Marks(std::span(cells_).first(1));
    std::vector<Expr> once;
    for (const std::string& from : marks) {
      for (const std::string& with : to) {
        if (from == with) continue;
        const Expr e = Apply("replace", {Whole(), Text(from), Text(with)});
        Cases(e, 2.0f);
        once.push_back(e);
      }
      One(Apply("replace", {Apply("title", {Whole()}), Text(from), Text("")}), 2.9f);
    }
    if (once.size() > 80) return;
    for (const Expr& inner : once) {
      for (const std::string& from : marks) {
        if (from <= inner.args[1].text) continue;
        for (const char* with : {"", " ", "-", "_", "."}) {
          if (from != with) One(Apply("replace", {inner, Text(from), Text(with)}), 3.6f);
        }
      }
    }
  }

  // Where an output is its cell but for one stretch, that stretch is what is replaced.
  void Difference() {
    std::map<std::pair<std::string, std::string>, int> found;
    for (size_t r = 0; r < cells_.size(); ++r) {
      const std::string_view cell = cells_[r], output = view_.rows[r]->output;
      const size_t most = std::min(cell.size(), output.size());
      size_t front = 0, back = 0;
      while (front < most && cell[front] == output[front]) ++front;
      while (back < most - front && cell[cell.size() - 1 - back] == output[output.size() - 1 - back]) ++back;
      const std::string from(cell.substr(front, cell.size() - front - back)),
          to(output.substr(front, output.size() - front - back));
      if (front + back > 1 && !from.empty() && from.size() <= kLongestStretch && to.size() <= kLongestStretch)
        ++found[{from, to}];
    }
    for (const auto& [stretch, rows] : found) {
      const auto& [from, to] = stretch;
      if (rows > 1 || cells_.size() == 1)
        One(Apply("replace", {Whole(), Text(from), Text(to)}), 2.4f + 0.1f * float(from.size() + to.size()));
    }
  }

  static constexpr size_t kLongestStretch = 20;
  static constexpr size_t kMostMarks = 40, kLongestCell = 4000;

  const View& view_;
  const Source& source_;
  const Budget& budget_;
  std::vector<Ready>& ready_;
  std::vector<std::string> cells_;  // of the given rows
};

}  // namespace

void AddRewrites(const View& view, const Source& source, const Budget& budget, std::vector<Ready>& ready) {
  Rewriter(view, source, budget, ready).Add();
}

}  // namespace hasten::solve
