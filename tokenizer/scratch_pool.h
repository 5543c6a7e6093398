// Scratch objects that threads borrow, so that encoding is const, allocates little, and keeps its caches warm.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

namespace hasten {

template <class T>
class ScratchPool {
 public:
  // Calls use(T&) with an object that nobody else has meanwhile.
  template <class Use>
  void With(const Use& use) const {
    std::unique_ptr<T> scratch = Take();
    use(*scratch);
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(scratch));
  }

 private:
  std::unique_ptr<T> Take() const {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<T>();
    std::unique_ptr<T> scratch = std::move(free_.back());
    free_.pop_back();
    return scratch;
  }
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<T>> free_;  // guarded by mutex_
};

}  // namespace hasten
