// How operations are said in Excel, a row each; the tables are by theme.
#pragma once

#include <span>
#include <string_view>

namespace hasten::solve {

// `op` is an operation, or a saying that others use. `when`: what the last arguments are, a word for each. * is anything, = the
// same as the one before, >0 and <0 numbers, everything else itself.
//
// In `text`, $1 is an argument, $0 (of `places`) the saying itself, @name(…) another saying, $$ a dollar. A text that is empty
// stands for what cannot be said. What is said more than once is bound to a name, but for arrays.
//
// A number is as long as it was written ("1.50" has two decimals): `places` says how many it has, %1 is that of an argument.
struct Saying {
  std::string_view op, when = "", text = "", places = "0";
};

std::span<const Saying> ExcelTexts();
std::span<const Saying> ExcelTokens();
std::span<const Saying> ExcelNumbers();
std::span<const Saying> ExcelDates();

}  // namespace hasten::solve
