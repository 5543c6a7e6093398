// From a SyGuS problem to a program of its grammar that is right on every example.
#pragma once

#include <optional>
#include <string>

#include "solve/search/budget.h"
#include "solve/sygus/problem.h"

namespace hasten::solve {

struct SygusAnswer {
  bool infeasible = false;             // the examples contradict each other
  std::optional<std::string> program;  // (define-fun …)
  size_t size = 0;                     // nodes of its body
  size_t evaluated = 0;                // programs run on the examples
  double seconds = 0;
};

// `problem` gains interned strings.
SygusAnswer SolveSygus(SygusProblem& problem, const Budget& budget);

}  // namespace hasten::solve
