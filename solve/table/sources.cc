#include <algorithm>

#include "solve/lang/tokens.h"
#include "solve/table/spots.h"

namespace hasten::solve {

namespace {

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

}  // namespace

std::vector<Source> FindSources(const View& view) {
  std::vector<Source> sources;
  for (size_t column = 0; column < view.columns(); ++column) {
    Source source{Input(column), 0.0f, {}};
    for (const Row* row : view.rows) source.cells.push_back(row->cells[column]);
    sources.push_back(std::move(source));
  }
  for (size_t column = 0; column < view.columns(); ++column) {
    for (const Making& making : kMakings) {
      if (making.kind && !HasTwo(view, column, making.kind)) continue;
      const Expr text = making.text(Input(column));
      auto cells = Made(view, text);
      const auto same = [&](const Source& s) { return s.cells == *cells; };
      if (cells && std::none_of(sources.begin(), sources.end(), same))
        sources.push_back({text, making.cost, std::move(*cells)});
    }
  }
  return sources;
}

}  // namespace hasten::solve
