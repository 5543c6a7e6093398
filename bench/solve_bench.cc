// Programs a second: enumeration over four examples of 20 characters, run and told apart by what they compute. The same 15.7
// million programs each time: where a clock decides, how many of them are new differs with it. One JSON line.
#include <cstdio>
#include <ctime>

#include "solve/search/bank.h"
#include "solve/sygus/problem.h"

namespace hasten::solve {
namespace {

constexpr char kProblem[] = R"((synth-fun f ((s String)) String ((Start String (T))
  (T String (s "" " " "-" "." (str.++ T T) (str.replace T T T) (str.at T I) (str.substr T I I)))
  (I Int (0 1 2 (+ I I) (- I I) (str.len T) (str.indexof T T I)))))
(constraint (= (f "Ada Lovelace 1815-12") "x")) (constraint (= (f "Grace Hopper 1906-99") "x"))
(constraint (= (f "Alan M. Turing 12-06") "x")) (constraint (= (f "Emmy Noether 1882.03") "x")))";

constexpr size_t kDearest = 15;  // cost of a program

// Processor time of this thread: a neighbour that takes the core for a while does not count.
double Now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

int Main() {
  auto problem = ParseSygus(kProblem);
  if (!problem) return std::fprintf(stderr, "%s\n", problem.error().what.c_str()), 1;
  std::vector<std::vector<Word>> inputs;
  std::vector<Word> outputs;
  for (const Example& e : problem->examples) {
    inputs.push_back(e.inputs);
    outputs.push_back(e.output);
  }
  const Promise promise(problem->pool, Sort::kString, std::move(outputs));
  Bank bank(problem->grammar, problem->pool, std::move(inputs), promise);
  Budget budget;
  budget.seconds = 600;
  const double begun = Now();
  while (bank.cost() < kDearest && bank.Grow(budget, [] { return true; }) == Bank::Growth::kGrown) {
  }
  const double seconds = Now() - begun;
  size_t distinct = bank.forgotten();
  for (uint16_t n = 0; n < problem->grammar.nonterminals.size(); ++n) distinct += bank.shelf(n).size();
  std::printf(
      "{\"bench\": \"solve\", \"evaluated_per_s\": %.3g, \"distinct_per_s\": %.3g, \"seconds\": %.2f, \"bytes\": %zu}\n",
      double(bank.evaluated()) / seconds, double(distinct) / seconds, seconds, bank.bytes());
  return 0;
}

}  // namespace
}  // namespace hasten::solve

int main() { return hasten::solve::Main(); }
