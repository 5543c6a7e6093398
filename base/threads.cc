#include "base/threads.h"

#include <sched.h>

namespace hasten {

static inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// About 100 microseconds of spinning: longer than any operation's imbalance, shorter than a person or a scheduler notices.
static constexpr int kSpins = 3000;

// Waits until `value` is no longer `old`: by spinning, then in the kernel.
template <class T>
static void AwaitChange(const std::atomic<T>& value, T old) {
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    Pause();
  }
  while (value.load(std::memory_order_acquire) == old) value.wait(old, std::memory_order_acquire);
}

void Barrier::Wait(size_t index) {
  std::atomic<uint32_t>& own = arrivals_[index].count;
  const uint32_t round = own.load(std::memory_order_relaxed) + 1;
  own.store(round, std::memory_order_release);
  own.notify_all();
  for (size_t i = 0; i < arrivals_.size(); ++i)
    for (uint32_t seen; int32_t((seen = arrivals_[i].count.load(std::memory_order_acquire)) - round) < 0;)
      AwaitChange(arrivals_[i].count, seen);
}

Team::Team(size_t count) : count_(std::max<size_t>(count, 1)), barrier_(count_) {
  for (size_t i = 1; i < count_; ++i) workers_.emplace_back([this, i] { Work(i); });
}

Team::~Team() {
  stop_.store(true, std::memory_order_relaxed);
  epoch_.fetch_add(1, std::memory_order_release);
  epoch_.notify_all();
}

void Team::Run(FunctionRef<void(const Lane&)> body) {
  if (count_ == 1) return body(Lane::Alone());
  body_ = &body;
  running_.store(count_ - 1, std::memory_order_relaxed);
  epoch_.fetch_add(1, std::memory_order_release);
  epoch_.notify_all();
  body(Lane(0, count_, &barrier_));
  for (size_t left; (left = running_.load(std::memory_order_acquire)) != 0;) AwaitChange(running_, left);
}

void Team::Work(size_t index) {
  for (uint32_t seen = 0;;) {
    AwaitChange(epoch_, seen);
    ++seen;  // one run at a time, so the epoch has advanced by one
    if (stop_.load(std::memory_order_relaxed)) return;
    (*body_)(Lane(index, count_, &barrier_));
    if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) running_.notify_one();
  }
}

size_t HardwareThreads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return size_t(CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace hasten
