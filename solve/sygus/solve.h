// From a SyGuS problem to a program of its grammar that is right on every
// example.
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
  std::optional<bool> held_out_right;  // is it right on the examples it was not
                                       // given? nothing where there are none
};

// Only the first `give` different examples are given; 0: all. `problem` gains
// interned strings.
SygusAnswer SolveSygus(SygusProblem& problem, const Budget& budget, size_t give = 0);

}  // namespace hasten::solve
