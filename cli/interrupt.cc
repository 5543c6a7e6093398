#include "cli/interrupt.h"

#include <csignal>

namespace hasten {

static constexpr int kSignals[] = {SIGINT, SIGTERM};
static volatile std::sig_atomic_t g_requested = 0;

static void OnSignal(int) { g_requested = 1; }

Interrupt::Interrupt() {
  struct sigaction action{};
  action.sa_handler = OnSignal;
  action.sa_flags = int(SA_RESETHAND);  // the second time the default action applies
  for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

Interrupt::~Interrupt() {
  for (const int signal : kSignals) std::signal(signal, SIG_DFL);
}

bool Interrupt::Requested() { return g_requested != 0; }

static volatile std::sig_atomic_t g_stopped = 0;

StopKey::StopKey() {
  g_stopped = 0;
  struct sigaction action{};
  action.sa_handler = [](int) { g_stopped = 1; };
  action.sa_flags = SA_RESTART;  // what is being written goes on
  ::sigaction(SIGINT, &action, &before_);
}

StopKey::~StopKey() { ::sigaction(SIGINT, &before_, nullptr); }

bool StopKey::Pressed() const { return g_stopped != 0; }

}  // namespace hasten
