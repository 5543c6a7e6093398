// `hasten solve task.toml`, `--resume` and `hasten replay`: a task and its record.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "cli/log_flags.h"
#include "solve/suite.h"
#include "solve/task/run_task.h"

namespace hasten {

struct LoadedModel;

// What the command line says over the task's file.
struct TaskFlags {
  std::string model, upstream, upstream_model, key_env, strategy;
  std::optional<double> price_in, price_out, dollars, seconds;
  std::optional<size_t> candidates, tokens, branches, width;
  std::optional<uint64_t> seed;
  bool no_jail = false;
  int64_t resume = 0;
  void Declare(CLI::App& app);
};

// Solves the task of a file, or goes on with a run where `flags.resume` names one. The program that won goes to `out`, or to
// standard output.
Result<Exit> SolveTaskFile(const std::string& path, TaskFlags flags, const OutputFlags& out, const LogFlags& log, bool json,
                           const Common& common);
// Repeats a recorded run and compares.
Result<Exit> ReplayTask(int64_t id, const LogFlags& log, const TaskFlags& flags, bool json, const Common& common);

// Solves program tasks of a suite, without display and log; any number of threads may call it where it has no engine.
class TaskSolver {
 public:
  static Result<std::unique_ptr<TaskSolver>> Create(const TaskFlags& flags, const Common& common);  // loads the model, if any
  ~TaskSolver();
  bool HasEngine() const;
  solve::TaskResult Solve(const std::string& path, size_t threads, const std::atomic<bool>* cancelled) const;

 private:
  TaskSolver();
  TaskFlags flags_;
  std::unique_ptr<LoadedModel> model_;
};

}  // namespace hasten
