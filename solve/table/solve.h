// From a table with examples to the programs that may have been meant.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "solve/search/budget.h"
#include "solve/table/weave.h"

namespace hasten::solve {

struct TableAnswer {
  std::vector<Candidate> programs;  // all right on every row with an output; best first; different
                                    // on some row to be filled
  size_t given = 0, held_out = 0;   // rows with an output, and those of them that
                                    // the search did not look at
  size_t tried = 0;
  double seconds = 0;
  bool out_of_time = false;
};

// kBadInput: no row has an output, or two rows with the same cells want
// different outputs.
Result<TableAnswer> SolveTable(const TableTask& task, const Budget& budget);
// The same by the costs that are written by hand alone: what is learned from.
Result<TableAnswer> SolveTableUnlearned(const TableTask& task, const Budget& budget);

}  // namespace hasten::solve
