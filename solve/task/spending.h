// What a run may spend and has spent: one object that proposers, judges and the search share. Safe from any thread.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "solve/task/task.h"

namespace hasten::solve {

struct Spent {
  double seconds = 0;
  size_t candidates = 0, tokens = 0;
  double dollars = 0;
};

class Spending {
 public:
  // `before`: what earlier parts of a resumed run spent.
  explicit Spending(const BudgetLimits& limits, const Spent& before = {}) : limits_(limits), spent_(before) {}

  void AddCandidates(size_t count);
  void AddAnswer(size_t tokens, double dollars);
  Spent Now() const;
  double SecondsLeft() const;
  // Empty while there is something left of everything; else what ran out: "the time of 60 s is over".
  std::string RanOut() const;
  const BudgetLimits& limits() const { return limits_; }

 private:
  const BudgetLimits limits_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;  // spent_, whose seconds are those before start_
  Spent spent_;
};

}  // namespace hasten::solve
