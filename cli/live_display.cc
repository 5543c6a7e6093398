#include "cli/live_display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/quote.h"
#include "cli/format.h"

namespace hasten {

std::string MeritOf(const solve::Trial& trial) {
  if (trial.judged.score) return Fmt("score %.10g", *trial.judged.score);
  if (trial.judged.checks) return Fmt("%zu of %zu checks", trial.judged.passed, trial.judged.checks);
  return trial.judged.verdict;
}

std::string StandingLine(const solve::Standing& s) {
  const double seconds = std::max(s.spent.seconds, 1e-3);
  std::string line = s.best ? "best: " + MeritOf(*s.best) : std::string("nothing yet");
  if (!s.best && !s.trouble.empty()) line += " (" + Printable(s.trouble, 200) + ")";
  line += " · " + HumanCount(double(s.spent.candidates)) + " candidates, " + HumanCount(double(s.spent.candidates) / seconds) +
          " a second";
  if (s.spent.candidates) line += Fmt(" · %.0f %% pass", 100 * std::min(1.0, double(s.passed) / double(s.spent.candidates)));
  line += " · " + HumanSeconds(std::max(0.0, s.limits->seconds - s.spent.seconds)) + " left";
  if (s.spent.tokens) line += " · " + HumanCount(double(s.spent.tokens)) + " tokens";
  if (s.spent.dollars > 0)
    line +=
        s.limits->dollars < 1e9 ? Fmt(" · $%.4f of $%g", s.spent.dollars, s.limits->dollars) : Fmt(" · $%.4f", s.spent.dollars);
  return line;
}

std::string Clipped(const std::string& line, size_t columns) {
  size_t characters = 0, cut = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if ((line[i] & 0xc0) == 0x80) continue;  // inside of a character
    if (characters + 1 == columns) cut = i;
    if (++characters > columns) return line.substr(0, cut) + "…";
  }
  return line;
}

namespace {

// A line as long as the terminal is wide would wrap, and could not be drawn over again.
size_t TerminalColumns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 79;
  return size.ws_col - 1U;
}

using Clock = std::chrono::steady_clock;

std::string TrialLine(const solve::Trial& t) {
  std::string line =
      Fmt("%8.2f s  #%llu  %s by ", t.at_s, static_cast<unsigned long long>(t.n), MeritOf(t).c_str()) + t.proposer;
  if (t.parent >= 0) line += Fmt(" from #%lld", static_cast<long long>(t.parent));
  if (!t.judged.solved && !t.judged.score && !t.judged.feedback.empty())
    line += ": " + Printable(t.judged.feedback.substr(0, t.judged.feedback.find('\n')), 100);
  return line;
}

// A status line that is drawn again; each better candidate stays above it.
class Terminal : public solve::Watcher {
 public:
  ~Terminal() override {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }
  void OnTrial(const solve::Trial& trial, bool better) override {
    if (!better) return;
    std::fprintf(stderr, "%s%s\n", drawn_ ? "\r\033[K" : "", TrialLine(trial).c_str());
    drawn_ = false;
  }
  void OnTick(const solve::Standing& standing) override {
    const auto now = Clock::now();
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    std::fprintf(stderr, "\r\033[K%s", Clipped(StandingLine(standing), TerminalColumns()).c_str());
    std::fflush(stderr);
  }

 private:
  Clock::time_point last_ = Clock::now();
  bool drawn_ = false;
};

class Plain : public solve::Watcher {
 public:
  void OnTrial(const solve::Trial& trial, bool better) override {
    if (better) std::fprintf(stderr, "%s\n", TrialLine(trial).c_str());
  }
  void OnTick(const solve::Standing& standing) override {
    const auto now = Clock::now();
    if (now - last_ < std::chrono::seconds(10)) return;
    last_ = now;
    std::fprintf(stderr, "%8.2f s  %s\n", standing.spent.seconds, StandingLine(standing).c_str());
  }

 private:
  Clock::time_point last_ = Clock::now();
};

class Json : public solve::Watcher {
 public:
  void OnTrial(const solve::Trial& t, bool better) override {
    if (!better) return;
    nlohmann::ordered_json line = {{"event", "better"},        {"n", t.n},
                                   {"seconds", t.at_s},        {"proposer", t.proposer},
                                   {"parent", t.parent},       {"verdict", t.judged.verdict},
                                   {"score", nullptr},         {"passed", t.judged.passed},
                                   {"checks", t.judged.checks}};
    if (t.judged.score) line["score"] = *t.judged.score;
    PrintJson(line);
    std::fflush(stdout);
  }
  void OnTick(const solve::Standing&) override {}
};

class Quiet : public solve::Watcher {
 public:
  void OnTrial(const solve::Trial&, bool) override {}
  void OnTick(const solve::Standing&) override {}
};

}  // namespace

std::unique_ptr<solve::Watcher> MakeDisplay(Display display) {
  if (display == Display::kJson) return std::make_unique<Json>();
  if (display == Display::kQuiet) return std::make_unique<Quiet>();
  const char* const term = std::getenv("TERM");
  if (::isatty(STDERR_FILENO) == 1 && (!term || std::string_view(term) != "dumb")) return std::make_unique<Terminal>();
  return std::make_unique<Plain>();
}

}  // namespace hasten
