// Numbers as mutation and the islands make them better: narrow valleys and directions that no single number follows.
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "solve/propose/mutation.h"
#include "solve/strategy/search.h"

namespace hasten::solve {
namespace {

std::vector<double> NumbersIn(std::string text) {
  for (char& c : text)
    if (c == '(' || c == ')') c = ' ';
  std::istringstream in(text);
  std::vector<double> numbers;
  for (double x; in >> x;) numbers.push_back(x);
  return numbers;
}

// Rosenbrock 1960: a curved valley; zero where all are 1.
double Valley(const std::vector<double>& x) {
  if (x.size() != 4) return 1e9;
  double sum = 0;
  for (size_t i = 0; i + 1 < x.size(); ++i) sum += 100 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1 - x[i], 2);
  return sum;
}

// The least that `candidates` candidates bring it to.
double Least(double numeric, double structural, size_t candidates) {
  const Mutation mutation(
      {.seed_program = "-0.5\n0.3\n-0.2\n0.1\n", .language = "text", .seed = 7, .numeric = numeric, .structural = structural});
  const auto search = MakeIslands({.seed = 7, .width = 16, .mutation = true, .scored = true, .has_seed = true});
  double least = 1e300;
  for (uint64_t n = 0; n < candidates;) {
    const auto asks = search->Next(n);
    n = asks.back().n + 1;
    for (const Ask& ask : asks) {
      auto trial = std::make_shared<Trial>();
      trial->n = ask.n;
      trial->parent = ask.parent ? int64_t(ask.parent->n) : -1;
      trial->candidate = mutation.One(ask);
      trial->scored = trial->lower = true;
      trial->judged.verdict = "scored";
      trial->judged.score = Valley(NumbersIn(trial->candidate));
      least = std::min(least, *trial->judged.score);
      search->Tell(trial);
    }
  }
  return least;
}

TEST(Polish, NumbersFollowAValley) {
  EXPECT_LT(Least(1, 0.2, 40000), 1e-4);
  EXPECT_GT(Least(0, 1, 10000), 0.1);  // nothing but exchanges does not
}

}  // namespace
}  // namespace hasten::solve
