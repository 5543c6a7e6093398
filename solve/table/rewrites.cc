#include <algorithm>
#include <set>

#include "solve/lang/facts.h"
#include "solve/lang/tokens.h"
#include "solve/table/ready.h"

namespace hasten::solve {

std::optional<std::vector<std::string>> OnGiven(const View& view, const Expr& text) {
  std::vector<std::string> values;
  for (size_t r = 0; r < view.given; ++r) {
    Value v = Evaluate(text, view.rows[r]->cells);
    if (v.kind != Value::Kind::kText) return std::nullopt;
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

void AddFacts(const View& view, size_t column, const Places& places, std::vector<Ready>& ready) {
  for (const Span& span : places.spans) {
    std::vector<std::string> keys;
    for (size_t r = 0; r < view.given; ++r) {
      keys.push_back(view.rows[r]->cells[column]->substr(size_t(span.begin[r]), size_t(span.end[r] - span.begin[r])));
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

void AddRewrites(const View& view, size_t column, std::vector<Ready>& ready) {
  const auto add = [&](Expr e, float cost) {
    auto values = OnGiven(view, e);
    if (!values) return;
    const bool all_empty = std::all_of(values->begin(), values->end(), [](const std::string& v) { return v.empty(); });
    if (!all_empty) ready.push_back({std::move(e), cost, -1, std::move(*values)});
  };
  const auto add_cases = [&](const Expr& e, float cost) {
    add(e, cost);
    for (const char* op : {"lower", "upper", "title", "capital"}) add(Apply(op, {e}), cost + 0.8f);
  };
  const Cell& first = view.rows[0]->cells[column];
  if (!first) return;
  add_cases(Apply("trim", {Input(column)}), 1.0f);
  add_cases(Apply("squeeze", {Input(column)}), 1.4f);
  add(Apply("reverse", {Input(column)}), 3.0f);
  for (const char* kind : {"digits", "letters", "word", "nonspace", "upper", "lower"}) {
    add_cases(Apply("keep", {Input(column), Text(kind)}), 1.9f);
  }
  for (const char* kind : {"nonspace", "letters", "word", "capitalised"}) {
    for (const char* glue : {"", ".", " ", ". "}) {
      float cost = kind == std::string("letters") ? 2.0f : 2.1f;
      if (FindTokens(*first, *FindTokenKind(kind)).size() < 2) cost += 1.2f;  // one initial is the first letter
      add_cases(Apply("initials", {Input(column), Text(kind), Text(glue)}), cost + (*glue ? 0.4f : 0.0f));
    }
  }
  std::set<std::string> marks;
  for (const char* kind : {"marks", "space"}) {
    for (const TokenSpan& t : FindTokens(*first, *FindTokenKind(kind))) {
      marks.insert(first->substr(t.begin, t.end - t.begin));
      marks.insert(first->substr(t.begin, 1));
    }
  }
  std::vector<Expr> once;
  for (const std::string& from : marks) {
    for (const char* to : {"", " ", "-", "_", ".", "/", ",", ";", ":", ", "}) {
      if (from == to) continue;
      const Expr e = Apply("replace", {Input(column), Text(from), Text(to)});
      add_cases(e, 2.0f);
      once.push_back(e);
    }
  }
  if (once.size() > 60) return;
  for (const Expr& inner : once) {
    for (const std::string& from : marks) {
      if (from <= inner.args[1].text) continue;
      for (const char* to : {"", " ", "-", "_", "."}) {
        if (from != to) add(Apply("replace", {inner, Text(from), Text(to)}), 3.6f);
      }
    }
  }
}

}  // namespace hasten::solve
