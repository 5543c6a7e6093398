// Places in the cells of a column that can be described for every row: "before
// the second comma", "after the last number".
#pragma once

#include <span>
#include <vector>

#include "solve/lang/program.h"
#include "solve/table/task.h"

namespace hasten::solve {

// The rows a search looks at: those with an output first, then some of those to
// be filled, which show what a program will meet.
struct View {
  std::vector<const Row*> rows;
  size_t given = 0;
  size_t columns() const { return rows.empty() ? 0 : rows[0]->cells.size(); }
};

// Whether `e` gives something on every row with an output.
bool OnAllGiven(const View& view, const Expr& e);

// What pieces of outputs are cut from, on each row: a column, or a text made of one.
struct Source {
  Expr text;
  float cost;               // 0 of a column
  std::vector<Cell> cells;  // on all rows of the view
  bool part = false;        // cut out of a column: what changes a column's text may change this
  bool derived() const { return text.kind != Expr::Kind::kInput; }
};

// The columns, in order, then what is made of them and differs from all else: digits alone, words side by side.
std::vector<Source> FindSources(const View& view);

// A position in each row's cell, -1 where there is none.
struct Spot {
  Expr place;  // a number: the position
  float cost;
  std::vector<int> at;
};

// A stretch of each row's cell.
struct Span {
  Expr text;
  float cost;
  std::vector<int> begin, end;
};

struct Places {
  std::vector<Spot> spots;
  std::vector<Span> spans;
};

// All places of a source that every given row has, each once, the cheapest
// description of it kept.
Places FindPlaces(const View& view, const Source& source);

}  // namespace hasten::solve
