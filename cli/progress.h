// A progress bar on standard error: only where that is a terminal, and only once the work has taken a second.
#pragma once

#include <chrono>
#include <string>

namespace hasten {

// Used by one thread. Removes its line when destroyed, so that what follows starts clean.
class Progress {
 public:
  explicit Progress(std::string label);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();
  void Set(double done, const std::string& note = {});  // done from 0 to 1; cheap to call often

 private:
  using Clock = std::chrono::steady_clock;
  const std::string label_;
  const bool terminal_;
  Clock::time_point started_ = Clock::now(), drawn_ = started_;
  bool visible_ = false;
};

}  // namespace hasten
