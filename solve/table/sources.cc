#include <algorithm>
#include <map>
#include <set>

#include "solve/lang/tokens.h"
#include "solve/table/spots.h"

namespace hasten::solve {

namespace {

constexpr size_t kMostParts = 8, kMostAdornments = 3;

struct Making {
  Expr (*text)(const Expr& cell);
  float cost;
  const char* kind;  // some row has at least two tokens of it; nullptr: any text
};

constexpr Making kMakings[] = {
    {[](const Expr& c) { return Apply("squeeze", {c}); }, 0.8f, nullptr},
    {[](const Expr& c) { return Apply("keep", {c, Text("digits")}); }, 1.0f, "digits"},
    {[](const Expr& c) { return Apply("join", {c, Text("word"), Text(" ")}); }, 1.9f, "word"},
    {[](const Expr& c) { return Apply("plain", {c}); }, 1.4f, nullptr},
    {[](const Expr& c) { return Apply("join", {Apply("title", {c}), Text("word"), Text("")}); }, 1.8f, "word"},
};

// The made text on all rows; nothing unless every given row has one.
std::optional<std::vector<Cell>> Made(const View& view, const Expr& text) {
  std::vector<Cell> cells;
  bool some = true;
  for (size_t r = 0; r < view.rows.size(); ++r) {
    cells.push_back(Answer(text, view.rows[r]->cells));
    some = some && (r >= view.given || (cells[r] && !cells[r]->empty()));
  }
  return some ? std::optional(std::move(cells)) : std::nullopt;
}

bool HasTwo(const View& view, size_t column, const char* kind) {
  return std::any_of(view.rows.begin(), view.rows.end(), [&](const Row* row) {
    const Cell& cell = row->cells[column];
    return cell && FindTokens(*cell, *FindTokenKind(kind)).size() > 1;
  });
}

// Words with a mark that all given rows have, and marks alone: key=value, user@host.
std::vector<std::string> Separators(const View& view, size_t column) {
  const Cell& first = view.rows[0]->cells[column];
  if (!first) return {};
  std::set<std::string> words, marks;
  for (const TokenSpan& t : FindTokens(*first, *FindTokenKind("marks"))) {
    marks.insert(first->substr(t.begin, 1));
    size_t word = t.begin;
    while (word > 0 && ShapeOf(first->substr(word - 1, 1)).find_first_of("Aa") == 0) --word;
    if (word < t.begin) words.insert(first->substr(word, t.begin + 1 - word));
  }
  std::vector<std::string> separators(words.begin(), words.end());
  separators.insert(separators.end(), marks.begin(), marks.end());
  std::erase_if(separators, [&](const std::string& s) {
    const auto lacks = [&](const Row* row) { return !row->cells[column] || row->cells[column]->find(s) == std::string::npos; };
    return std::any_of(view.rows.begin(), view.rows.begin() + long(view.given), lacks);
  });
  return separators;
}

// What some cells are adorned with, and no output: "www.", "Dr. ", apostrophes.
std::set<std::string> Adornments(const View& view, size_t column) {
  std::map<std::string, size_t> found;  // how many of the given rows have it
  for (size_t r = 0; r < view.given; ++r) {
    const Cell& cell = view.rows[r]->cells[column];
    if (!cell) continue;
    std::set<std::string> here;
    if (cell->find('\'') != std::string::npos) here.insert("'");
    for (const TokenSpan& t : FindTokens(*cell, *FindTokenKind("letters"))) {
      size_t end = t.end;
      if (end == cell->size() || (*cell)[end] != '.') continue;
      if (++end < cell->size() && (*cell)[end] == ' ') ++end;
      here.insert(cell->substr(t.begin, end - t.begin));
    }
    for (const std::string& text : here) ++found[text];
  }
  std::set<std::string> adornments;
  for (const auto& [text, rows] : found) {
    const auto wants = [&](const Row* row) { return row->output.find(text) != std::string::npos; };
    const bool wanted = std::any_of(view.rows.begin(), view.rows.begin() + long(view.given), wants);
    if (rows < view.given && !wanted && adornments.size() < kMostAdornments) adornments.insert(text);
  }
  return adornments;
}

class Finder {
 public:
  explicit Finder(const View& view) : view_(view) {}

  std::vector<Source> Find() {
    for (size_t column = 0; column < view_.columns(); ++column) {
      Source source{Input(column), 0.0f, {}};
      for (const Row* row : view_.rows) source.cells.push_back(row->cells[column]);
      sources_.push_back(std::move(source));
    }
    for (size_t column = 0; column < view_.columns(); ++column) {
      for (const Making& making : kMakings) {
        if (!making.kind || HasTwo(view_, column, making.kind)) Add(making.text(Input(column)), making.cost, false);
      }
      for (const std::string& text : Adornments(view_, column))
        Add(Apply("replace", {Input(column), Text(text), Text("")}), 1.2f, true);
      size_t parts = 0;
      for (const std::string& separator : Separators(view_, column)) {
        for (const int k : {1, 2, -1}) {
          if (parts < kMostParts) parts += Add(Apply("field", {Input(column), Text(separator), Number(k)}), 1.2f, true);
        }
      }
    }
    return std::move(sources_);
  }

 private:
  // Unless it is what is there already.
  bool Add(const Expr& text, float cost, bool part) {
    auto cells = Made(view_, text);
    const auto same = [&](const Source& s) { return s.cells == *cells; };
    if (!cells || std::any_of(sources_.begin(), sources_.end(), same)) return false;
    sources_.push_back({text, cost, std::move(*cells), part});
    return true;
  }

  const View& view_;
  std::vector<Source> sources_;
};

}  // namespace

std::vector<Source> FindSources(const View& view) { return Finder(view).Find(); }

}  // namespace hasten::solve
