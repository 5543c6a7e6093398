// Outputs as concatenations of what the cells offer, the likeliest first:
// shortest paths over positions in all given outputs at once.
#pragma once

#include <vector>

#include "solve/search/budget.h"
#include "solve/table/spots.h"

namespace hasten::solve {

struct Candidate {
  Expr program;
  float cost;
};

// Programs without conditionals that are right on all given rows, best first,
// at most `most`; none if there is none or the budget ends. `tried` counts the
// pieces of programs that were held against the outputs. `may_lack`: rows to be
// filled may well get nothing.
std::vector<Candidate> Weave(const View& view, const Budget& budget, size_t most, bool may_lack, size_t* tried);

}  // namespace hasten::solve
