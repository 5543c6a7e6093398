// Long chains of one operation on the result of another, which enumeration does not reach: from a program of the bank on, each
// step uses what was made so far and plain programs beside it, and of each length the values nearest to the wanted ones go on.
#pragma once

#include <optional>
#include <vector>

#include "solve/search/bank.h"

namespace hasten::solve {

struct ChainLink {
  uint16_t rule;     // of the start symbol
  uint8_t at;        // which of its arguments is what was made so far
  uint32_t kids[3];  // the others: programs of the bank
};
struct Chain {
  uint32_t first;  // a program of the start symbol
  std::vector<ChainLink> links;
};

// A chain that is right on all examples; nothing where none is found in `seconds`, or before the budget ends.
std::optional<Chain> FindChain(const Bank& bank, const Promise& promise, const Budget& budget, double seconds);

}  // namespace hasten::solve
