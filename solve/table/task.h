// A table to complete: rows of cells, some with their output, and programs that
// give the others theirs.
#pragma once

#include <string>
#include <vector>

#include "solve/lang/program.h"

namespace hasten::solve {

struct Row {
  enum class Want : uint8_t { kAsk, kText, kNothing };  // to be filled; `output`; the program is to give none
  std::vector<Cell> cells;
  Want want = Want::kAsk;
  std::string output;
  size_t line = 0;  // where the table says it, from 1; 0 where nowhere
};

struct TableTask {
  std::vector<std::string> columns;  // names of the inputs
  std::vector<Row> rows;
};

// Is what the program gives for the row what the row wants?
bool Right(const Expr& program, const Row& row);

}  // namespace hasten::solve
