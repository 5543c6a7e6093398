// What a program's operations cost beyond what the search counts, learned from solved tasks by `./dev learn costs`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "solve/lang/program.h"

namespace hasten::solve {

// What is counted of a program: each operation, with the choice that its texts and small numbers make ("match digits", "field
// 1", "part yyyy"), behind "if " where a condition uses it; texts of its own by what they are made of.
std::vector<std::string> FeaturesOf(const Expr& program);

struct LearnedCost {
  std::string_view feature;
  float cost;
};
std::span<const LearnedCost> LearnedCosts();  // sorted by feature; the generated table
float CostLearned(const Expr& program);       // the sum over its features

}  // namespace hasten::solve
