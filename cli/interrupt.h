// Ctrl-C as a question instead of a death.
#pragma once

#include <csignal>

namespace hasten {

// While one exists, the first SIGINT or SIGTERM only makes Requested() true; the second ends the process as usual.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  static bool Requested();
};

// While one exists, SIGINT only makes Pressed() true, however often it comes. One inside of another begins unpressed; not
// beside an Interrupt.
class StopKey {
 public:
  StopKey();
  ~StopKey();
  StopKey(const StopKey&) = delete;
  StopKey& operator=(const StopKey&) = delete;
  bool Pressed() const;

 private:
  struct sigaction before_;
};

}  // namespace hasten
