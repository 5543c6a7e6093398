// Arithmetic on columns that hold plain numbers, as people write it in spreadsheets and databases: FIXED(E2*F2,2,TRUE). What
// reads numbers out of any text in exact decimals takes pages there, and a table whose cells are "3" and "2.50" has no need of
// it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "solve/lang/program.h"

namespace hasten::solve {

// How a language that calculates in doubles says it. $1, $2 are arguments.
struct PlainWords {
  std::function<std::string(size_t column)> column;
  std::string_view number;         // a column as a number, where no arithmetic makes it one
  std::string_view over;           // the quotient
  std::string_view fixed;          // $1 as text with $2 decimals, halves away from zero
  std::string_view shortest;       // $1 as text with as many decimals as it has
  std::string_view filled;         // whether the column $1 holds a number, given that it is plain or empty
  std::string_view both, guarded;  // two conditions; $2 where $1 holds, else nothing
};

// A text or a truth made of plain columns alone, if `e` is that and gives the same on each of `rows` (inputs of the table at
// hand): decided by calculating it both ways. Nothing where it is not, or where there are no rows.
std::optional<std::string> SaidPlainly(const Expr& e, std::span<const std::vector<Cell>> rows, const PlainWords& words);

}  // namespace hasten::solve
