// What tells rows apart: conditions on cells that hold for some rows and not
// for others.
#pragma once

#include <vector>

#include "solve/lang/program.h"
#include "solve/search/budget.h"
#include "solve/table/spots.h"

namespace hasten::solve {

struct Predicate {
  Expr condition;
  float cost;
  std::vector<bool> holds;  // on each row of the view
};

// Conditions that hold on some but not on all of the view's given rows,
// cheapest first; those found before the budget ends.
std::vector<Predicate> FindPredicates(const View& view, const Budget& budget);

}  // namespace hasten::solve
