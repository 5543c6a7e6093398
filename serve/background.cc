#include "serve/background.h"

#include <utility>

namespace hasten {

void Background::Stop() {
  std::jthread thread;  // ends after the lock
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    waiting_.clear();
    thread.swap(thread_);
  }
}

bool Background::Do(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || waiting_.size() >= kMostWaiting) return false;
    waiting_.push_back(std::move(work));
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  }
  arrived_.notify_one();
  return true;
}

void Background::Run(const std::stop_token& stop) {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      if (!arrived_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

}  // namespace hasten
