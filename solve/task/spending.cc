#include "solve/task/spending.h"

namespace hasten::solve {

void Spending::AddCandidates(size_t count) {
  const std::lock_guard lock(mutex_);
  spent_.candidates += count;
}

void Spending::AddAnswer(size_t tokens, double dollars) {
  const std::lock_guard lock(mutex_);
  spent_.tokens += tokens;
  spent_.dollars += dollars;
}

Spent Spending::Now() const {
  const std::lock_guard lock(mutex_);
  Spent now = spent_;
  now.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  return now;
}

double Spending::SecondsLeft() const { return limits_.seconds - Now().seconds; }

std::string Spending::RanOut() const {
  const Spent now = Now();
  if (now.seconds >= limits_.seconds) return Fmt("the time of %g s is over", limits_.seconds);
  if (now.candidates >= limits_.candidates) return Fmt("all %zu candidates are tried", limits_.candidates);
  if (now.tokens >= limits_.tokens) return Fmt("all %zu tokens are spent", limits_.tokens);
  if (now.dollars >= limits_.dollars) return Fmt("all $%g are spent", limits_.dollars);
  return {};
}

}  // namespace hasten::solve
