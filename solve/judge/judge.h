// From candidates to verdicts: a cascade of checks, the cheap ones first.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sandbox/runner.h"
#include "solve/task/task.h"
#include "solve/task/trial.h"

namespace hasten::solve {

// The verdict where what scores failed on what the candidate printed.
inline constexpr const char* kJudgeFailed = "judge failed";

// One thread calls a judge at a time. An Error means that judging itself is impossible, never that a candidate is bad.
class Judge {
 public:
  virtual ~Judge() = default;
  virtual Result<std::vector<Judged>> Run(std::span<const std::string* const> candidates) = 0;
  virtual size_t batch() const { return 1; }  // so many at once cost little more than one
};

// What candidates printed, and the verdict on it: who prints the same is not judged again. Shared by all judges of a run.
class OutputMemory {
 public:
  std::optional<Judged> Find(uint64_t digest) const;
  void Keep(uint64_t digest, const Judged& judged);
  // How many checks the run's first candidate passed (Task::patience_s).
  std::atomic<size_t> first_passed{0};

 private:
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, Judged> known_;
};

using RunnerMaker = std::function<Result<std::unique_ptr<sandbox::Runner>>(sandbox::RunnerOptions)>;

// All of a task's checks: those on the candidate's functions and output, then commands, then the score, then what is held out.
// A candidate that fails is not asked further. `task` and `memory` must outlive the judge.
std::unique_ptr<Judge> MakeCascade(const Task& task, RunnerMaker make_runner, OutputMemory& memory);

}  // namespace hasten::solve
