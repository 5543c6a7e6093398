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

// All of `count` threads arrive before any leaves. Spins for some microseconds, then sleeps in the kernel. Everyone says in a
// cache line of its own how often it has arrived, and reads everyone else's: one trip of a line between processors where a
// shared counter and its release take two.
class Barrier {
 public:
  explicit Barrier(size_t count) : arrivals_(count) {}
  void Wait(size_t index);

 private:
  struct alignas(64) Arrivals {
    std::atomic<uint32_t> count{0};
  };
  std::vector<Arrivals> arrivals_;  // [count]
};

// One thread's view of its team: who am I, how many are we.
class Lane {
 public:
  Lane(size_t index, size_t count, Barrier* barrier) : index_(index), count_(count), barrier_(barrier) {}
  static Lane Alone() { return Lane(0, 1, nullptr); }
  size_t index() const { return index_; }
  size_t count() const { return count_; }
  void Sync() const {
    if (count_ > 1) barrier_->Wait(index_);
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
// Run is called from one thread at a time.
class Team {
 public:
  explicit Team(size_t count);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  size_t size() const { return count_; }
  void Run(FunctionRef<void(const Lane&)> body);

 private:
  void Work(size_t index);

  const size_t count_;
  Barrier barrier_;  // between the lanes of one run
  FunctionRef<void(const Lane&)>* body_ = nullptr;
  alignas(64) std::atomic<uint32_t> epoch_{0};  // one more per run; workers wait for it to change
  alignas(64) std::atomic<size_t> running_{0};  // workers that have not finished the current run
  std::atomic<bool> stop_{false};
  std::vector<std::jthread> workers_;
};

size_t HardwareThreads();  // processors this process may run on (affinity mask), at least 1

}  // namespace hasten
