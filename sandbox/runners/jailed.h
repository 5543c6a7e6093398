// What all runners share: a jail that is started when first needed and again after it broke, results made of outcomes, and
// checks of a whole program (input in, output and exit code out).
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "sandbox/jail.h"
#include "sandbox/runner.h"

namespace hasten::sandbox {

// One start of a program. `failure`: what it said of itself, where its language tells (an uncaught exception).
struct Launch {
  Outcome outcome;
  std::optional<std::string> failure;
  bool out_of_memory = false;
};

class JailedRunner : public Runner {
 public:
  JailedRunner(RunnerOptions options, JailOptions jail) : options_(std::move(options)), jail_options_(std::move(jail)) {}
  Result<RunResult> Run(const Candidate& candidate, std::span<const Check> checks) final;

 protected:
  // All checks from `first` on that it can do in one go, at least one; adds to `r` and stops where one fails.
  virtual Status RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) = 0;
  virtual void Break() { jail_.reset(); }  // after a failure: nothing that was kept warm is used again

  Result<Jail*> ReadyJail();
  Limits Left(const RunResult& r) const;  // of time, after what was used

  // The next check of kProcess by `launch`, a function of (check, limits) to Result<Launch>.
  template <class F>
  Status RunProcess(const Check& check, RunResult& r, const F& launch) {
    const Limits limits = LimitsOf(check, r);
    TRY(const Launch done, launch(check, limits));
    JudgeProcess(check, done, limits, r);
    return {};
  }
  Limits LimitsOf(const Check& check, const RunResult& r) const;
  static void JudgeProcess(const Check& check, const Launch& launch, const Limits& limits, RunResult& r);
  static void Add(const Outcome& outcome, RunResult& r);
  // Sets verdict and message where the outcome by itself is an end; false where it is a plain exit.
  static bool Ended(const Outcome& outcome, const Limits& limits, RunResult& r);

  const RunnerOptions options_;
  JailOptions jail_options_;
  std::unique_ptr<Jail> jail_;

 private:
  std::mutex mutex_;  // one run at a time
};

JailOptions JailOptionsOf(const RunnerOptions& options);

}  // namespace hasten::sandbox
