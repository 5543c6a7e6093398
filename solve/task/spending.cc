#include "solve/task/spending.h"

#include <algorithm>

namespace hasten::solve {

void Spending::AddCandidates(size_t count) {
  const std::lock_guard lock(mutex_);
  spent_.candidates += count;
}

// A billionth of a dollar is what sums of prices are off by, and no money.
bool Spending::Fits(const Price& more) const {
  return spent_.tokens + reserved_.tokens + more.tokens <= limits_.tokens &&
         spent_.dollars + reserved_.dollars + more.dollars <= limits_.dollars + 1e-9;
}

std::string Spending::Refusal(const Price& most) const {
  constexpr char kBound[] = "(a smaller max_tokens bounds it)";
  if (spent_.tokens + most.tokens > limits_.tokens)
    return Fmt("%zu of %zu tokens are spent, and what comes next may take %zu %s", spent_.tokens, limits_.tokens, most.tokens,
               kBound);
  return Fmt("$%.4f of $%g are spent, and what comes next may cost $%.4f %s", spent_.dollars, limits_.dollars, most.dollars,
             kBound);
}

bool Spending::Reserve(const Price& most, const std::atomic<bool>& stop) {
  if (stop || SecondsLeft() <= 0) return false;
  std::unique_lock lock(mutex_);
  while (refused_.empty() && !Fits(most)) {
    if (open_ == 0)
      refused_ = Refusal(most);
    else
      settled_.wait_for(lock, std::chrono::milliseconds(20));  // an atomic wakes nobody
    if (stop) return false;
  }
  if (!refused_.empty()) return false;
  ++open_;
  reserved_.tokens += most.tokens;
  reserved_.dollars += most.dollars;
  return true;
}

void Spending::Settle(const Price& most, const Price& was) {
  const std::lock_guard lock(mutex_);
  --open_;
  reserved_.tokens -= most.tokens;
  reserved_.dollars = open_ ? reserved_.dollars - most.dollars : 0;
  spent_.tokens += was.tokens;
  spent_.dollars += was.dollars;
  settled_.notify_all();
}

Spent Spending::Now() const {
  const std::lock_guard lock(mutex_);
  Spent now = spent_;
  now.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  return now;
}

double Spending::SecondsLeft() const { return limits_.seconds - Now().seconds; }

size_t Spending::TokensLeft() const {
  const std::lock_guard lock(mutex_);
  return limits_.tokens - std::min(limits_.tokens, spent_.tokens + reserved_.tokens);
}

std::string Spending::RanOut() const {
  const Spent now = Now();
  if (now.seconds >= limits_.seconds) return Fmt("the time of %g s is over", limits_.seconds);
  if (now.candidates >= limits_.candidates) return Fmt("all %zu candidates are tried", limits_.candidates);
  if (now.tokens >= limits_.tokens) return Fmt("all %zu tokens are spent", limits_.tokens);
  if (now.dollars >= limits_.dollars) return Fmt("all $%g are spent", limits_.dollars);
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace hasten::solve
