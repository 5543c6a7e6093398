#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace hasten {

static bool IsTerminal() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && (!term || std::string_view(term) != "dumb");
}

Progress::Progress(std::string label) : label_(std::move(label)), terminal_(IsTerminal()) {}

Progress::~Progress() {
  if (visible_) std::fputs("\r\033[K", stderr);
}

void Progress::Set(double done, const std::string& note) {
  if (!terminal_) return;
  const auto now = Clock::now();
  if (now - started_ < std::chrono::seconds(1) || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  visible_ = true;
  done = std::clamp(done, 0.0, 1.0);
  const std::string bar(size_t(done * 30), '#'), rest(30 - bar.size(), '.');
  std::fprintf(stderr, "\r\033[K%s [%s%s] %3.0f %%  %s", label_.c_str(), bar.c_str(), rest.c_str(), 100 * done, note.c_str());
}

}  // namespace hasten
