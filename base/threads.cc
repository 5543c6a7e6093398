#include "base/threads.h"

#include <sched.h>

#include <cstdio>

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

void Barrier::Wait(size_t index, size_t count) {
  std::atomic<uint32_t>& own = arrivals_[index].count;
  const uint32_t round = own.load(std::memory_order_relaxed) + 1;
  own.store(round, std::memory_order_release);
  own.notify_all();
  for (size_t i = 0; i < count; ++i)
    for (uint32_t seen; int32_t((seen = arrivals_[i].count.load(std::memory_order_acquire)) - round) < 0;)
      AwaitChange(arrivals_[i].count, seen);
}

void Barrier::Align() {
  const uint32_t first = arrivals_[0].count.load(std::memory_order_relaxed);  // lane 0 is part of every round
  for (Arrivals& a : arrivals_) a.count.store(first, std::memory_order_relaxed);
}

Team::Team(size_t count) : count_(std::max<size_t>(count, 1)), lanes_(count_), barrier_(count_), epochs_(count_) {
  for (size_t i = 1; i < count_; ++i) workers_.emplace_back([this, i] { Work(i); });
}

Team::~Team() {
  stop_.store(true, std::memory_order_relaxed);
  for (Epoch& e : epochs_) {
    e.count.fetch_add(1, std::memory_order_release);
    e.count.notify_all();
  }
}

void Team::UseLanes(size_t lanes) {
  lanes = std::clamp<size_t>(lanes, 1, count_);
  if (lanes != lanes_) barrier_.Align();
  lanes_ = lanes;
}

void Team::Run(FunctionRef<void(const Lane&)> body) {
  if (lanes_ == 1) return body(Lane::Alone());
  body_ = &body;
  running_.store(lanes_ - 1, std::memory_order_relaxed);
  for (size_t i = 1; i < lanes_; ++i) {
    epochs_[i].count.fetch_add(1, std::memory_order_release);
    epochs_[i].count.notify_all();
  }
  body(Lane(0, lanes_, &barrier_));
  for (size_t left; (left = running_.load(std::memory_order_acquire)) != 0;) AwaitChange(running_, left);
}

void Team::Work(size_t index) {
  for (uint32_t seen = 0;;) {
    AwaitChange(epochs_[index].count, seen);
    ++seen;  // one run at a time, so it has advanced by one
    if (stop_.load(std::memory_order_relaxed)) return;
    (*body_)(Lane(index, lanes_, &barrier_));
    if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) running_.notify_one();
  }
}

// Processors' worth of time that the control group grants, rounded up; 0: no limit that can be read. Within a container both
// versions show its own group at the top.
static size_t QuotaThreads() {
  const auto read = [](const char* path, long long* values, const char* format) {
    std::FILE* file = std::fopen(path, "re");
    if (file == nullptr) return 0;
    const int got = std::fscanf(file, format, &values[0], &values[1]);
    std::fclose(file);
    return got;
  };
  long long v[2] = {};
  if (read("/sys/fs/cgroup/cpu.max", v, "%lld %lld") != 2) {
    long long period[2] = {};
    if (read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", v, "%lld") != 1) return 0;
    if (read("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period, "%lld") != 1) return 0;
    v[1] = period[0];
  }
  return v[0] <= 0 || v[1] <= 0 ? 0 : size_t((v[0] + v[1] - 1) / v[1]);
}

size_t HardwareThreads() {
  size_t threads = std::max(1u, std::thread::hardware_concurrency());
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) threads = size_t(CPU_COUNT(&set));
  const size_t quota = QuotaThreads();
  return quota == 0 ? threads : std::min(threads, quota);
}

}  // namespace hasten
