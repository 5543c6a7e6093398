// The loop: a search asks, proposers propose, judges judge, the log keeps, until something survives or the budget is spent.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "solve/judge/judge.h"
#include "solve/propose/proposer.h"
#include "solve/strategy/search.h"

namespace hasten::solve {

// What there is to see while it runs.
struct Standing {
  Spent spent;
  const BudgetLimits* limits = nullptr;
  size_t passed = 0, duplicates = 0;  // trials that passed at least half of their checks, or were scored
  TrialPtr best;
  std::string trouble;  // of the last question that brought no candidate
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void OnTrial(const Trial& trial, bool better) = 0;  // in the order in which verdicts came
  virtual void OnTick(const Standing& standing) = 0;          // several times a second
};

// How recorded trials are used: not at all; instead of asking and judging again; to compare with.
enum class Past : uint8_t { kNone, kResume, kReplay };

struct TaskSetup {
  RunnerMaker make_runner;
  Proposer* model = nullptr;  // the engine or an upstream; nothing where neither is given
  Spending* spending = nullptr;
  size_t threads = 1;
  RunLog* log = nullptr;
  int64_t run = 0;  // its row
  Past past = Past::kNone;
  std::vector<TrialRecord> trials = {};  // recorded ones, by number
  const std::atomic<bool>* cancelled = nullptr;
  Watcher* watcher = nullptr;
  std::function<void(const Error&)> on_log_failure = {};  // called once; the run goes on without a record
};

struct TaskOutcome {
  TrialPtr best;  // nothing where no candidate was judged
  bool solved = false;
  std::string ended;             // why, in words: "a candidate passed", "the time of 60 s is over", …
  std::optional<Error> failure;  // nobody could propose or judge any more
  size_t trials = 0, duplicates = 0;
  size_t replayed = 0, different = 0;  // kReplay: trials compared, and those whose candidate or verdict was another one
  std::string first_difference;
};

// kBadInput where nothing can propose.
Result<TaskOutcome> RunTask(const Task& task, const TaskSetup& setup);
// How many candidates a round has where the task does not say.
size_t WidthOf(const Task& task, bool model);

}  // namespace hasten::solve
