// A thread for what would hold up those that speak HTTP: files to read, a machine to measure. Begun when first needed.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace hasten {

class Background {
 public:
  ~Background() { Stop(); }
  void Stop();  // lets the piece of work that runs end, drops the others, and takes none from then on
  // One after the other. False: as many wait as may, or it has stopped.
  bool Do(std::function<void()> work);

 private:
  void Run(const std::stop_token& stop);

  static constexpr size_t kMostWaiting = 64;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any arrived_;
  std::deque<std::function<void()>> waiting_;
  bool stopped_ = false;
  std::jthread thread_;
};

}  // namespace hasten
