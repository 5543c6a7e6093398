// What a search may spend, asked often: time, memory, and whether anybody still
// wants the answer.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

namespace hasten::solve {

struct Budget {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  double seconds = 10;
  size_t memory_bytes = size_t(1) << 30;
  const std::atomic<bool>* cancelled = nullptr;

  double Elapsed() const { return std::chrono::duration<double>(Clock::now() - start).count(); }
  bool Over() const { return Elapsed() >= seconds || (cancelled && cancelled->load(std::memory_order_relaxed)); }
};

}  // namespace hasten::solve
