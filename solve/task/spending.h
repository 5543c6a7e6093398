// What a run may spend and has spent: one object that proposers, judges and the search share. Safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "solve/task/task.h"

namespace hasten::solve {

struct Spent {
  double seconds = 0;
  size_t candidates = 0, tokens = 0;
  double dollars = 0;
};

struct Price {
  size_t tokens = 0;
  double dollars = 0;
};

class Spending {
 public:
  // `before`: what earlier parts of a resumed run spent.
  explicit Spending(const BudgetLimits& limits, const Spent& before = {}) : limits_(limits), spent_(before) {}

  void AddCandidates(size_t count);
  // Before a question is asked: sets aside what it may cost at most, so that questions on their way at the same time cannot
  // spend the same money. Waits for those on their way where these may leave enough. False where it cannot be paid (RanOut()
  // says so from then on), where the time is over, and once `stop` is true.
  bool Reserve(const Price& most, const std::atomic<bool>& stop);
  // What it did cost; `most` as it was reserved.
  void Settle(const Price& most, const Price& was);

  Spent Now() const;
  double SecondsLeft() const;
  size_t TokensLeft() const;  // of those that nobody has set aside
  // Empty while there is something left of everything; else what ran out: "the time of 60 s is over".
  std::string RanOut() const;
  const BudgetLimits& limits() const { return limits_; }

 private:
  bool Fits(const Price& more) const;            // mutex_ is held
  std::string Refusal(const Price& most) const;  // mutex_ is held

  const BudgetLimits limits_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;  // all below
  std::condition_variable settled_;
  Spent spent_;  // its seconds are those before start_
  Price reserved_;
  size_t open_ = 0;      // reservations
  std::string refused_;  // why the last question was not asked
};

}  // namespace hasten::solve
