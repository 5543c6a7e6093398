// A team of threads that run one function together ("single program, multiple data"), meeting at barriers.
//
// One dispatch starts every lane; inside, the lanes meet at Sync(), which costs some hundred nanoseconds where a dispatch
// with a wake-up costs microseconds. A forward pass is one dispatch. Splitting work over lanes never changes results:
// kernels fix their order of addition by position (see docs/determinism.md).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace hasten {

struct Range {
  size_t begin = 0, end = 0;
  size_t size() const { return end - begin; }
  bool empty() const { return begin >= end; }
};

// Non-owning reference to a callable; valid while the callable lives.
template <class Signature>
class FunctionRef;
template <class R, class... A>
class FunctionRef<R(A...)> {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>)
  FunctionRef(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* o, A... a) -> R { return (*static_cast<std::remove_reference_t<F>*>(o))(static_cast<A>(a)...); }) {}
  R operator()(A... a) const { return call_(object_, static_cast<A>(a)...); }

 private:
  void* object_;
  R (*call_)(void*, A...);
};

// All threads of a round arrive before any leaves. Spins for some microseconds, then sleeps in the kernel. Everyone says in a
// cache line of its own how often it has arrived, and reads everyone else's: one trip of a line between processors where a
// shared counter and its release take two.
class Barrier {
 public:
  explicit Barrier(size_t most) : arrivals_(most) {}
  void Wait(size_t index, size_t count);  // `count`: threads of this round, those with indices below it
  void Align();                           // before another count, while nobody waits

 private:
  struct alignas(64) Arrivals {
    std::atomic<uint32_t> count{0};
  };
  std::vector<Arrivals> arrivals_;
};

// One thread's view of its team: who am I, how many are we.
class Lane {
 public:
  Lane(size_t index, size_t count, Barrier* barrier) : index_(index), count_(count), barrier_(barrier) {}
  static Lane Alone() { return Lane(0, 1, nullptr); }
  size_t index() const { return index_; }
  size_t count() const { return count_; }
  void Sync() const {
    if (count_ > 1) barrier_->Wait(index_, count_);
  }
  // This lane's share of n items, in multiples of `grain` (the last share takes the rest).
  Range Share(size_t n, size_t grain = 1) const {
    const size_t units = (n + grain - 1) / grain;
    return {std::min(n, units * index_ / count_ * grain), std::min(n, units * (index_ + 1) / count_ * grain)};
  }

 private:
  size_t index_, count_;
  Barrier* barrier_;
};

// Owns count - 1 threads; the caller of Run is lane 0. Workers spin briefly after a run, then sleep: an idle team uses no CPU.
// Run and UseLanes are called from one thread at a time.
class Team {
 public:
  explicit Team(size_t count);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  size_t size() const { return count_; }
  size_t lanes() const { return lanes_; }  // of a run
  void UseLanes(size_t lanes);             // from the next run on, 1 to size(); the other threads sleep
  void Run(FunctionRef<void(const Lane&)> body);

 private:
  void Work(size_t index);

  const size_t count_;
  size_t lanes_;
  Barrier barrier_;  // between the lanes of one run
  FunctionRef<void(const Lane&)>* body_ = nullptr;
  struct alignas(64) Epoch {
    std::atomic<uint32_t> count{0};  // one more per run that the worker is part of: it waits for it to change
  };
  std::vector<Epoch> epochs_;
  alignas(64) std::atomic<size_t> running_{0};  // workers that have not finished the current run
  std::atomic<bool> stop_{false};
  std::vector<std::jthread> workers_;
};

// Processors this process may use: its affinity mask, and what a container's quota of processor time amounts to; at least 1.
size_t HardwareThreads();

}  // namespace hasten
