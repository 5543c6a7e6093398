// A grammar of typed programs, flattened: every rule is a leaf or one operation
// over nonterminals.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "solve/lang/slia.h"

namespace hasten::solve {

struct Rule {
  const SliaOp* op = nullptr;  // nullptr: a leaf
  uint16_t args[3] = {};       // nonterminals
  int32_t param = -1;          // leaf: which parameter, or -1 for a constant
  Word constant = 0;           // leaf: the value
  uint8_t arity() const { return op ? op->arity : 0; }
  uint8_t cost() const { return op ? op->cost : 1; }
  bool operator==(const Rule&) const = default;
};

struct Nonterminal {
  std::string name;
  Sort sort;
  std::vector<Rule> rules;
};

struct Grammar {
  std::vector<Nonterminal> nonterminals;
  uint16_t start = 0;
};

}  // namespace hasten::solve
