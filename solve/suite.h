// A folder of tasks, each solved on its own: what a figure of merit is measured on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "solve/search/budget.h"

namespace hasten::solve {

// Files below `folder` that are tasks (.sl, spec.json, .csv, .tsv, .jsonl, task.toml), and what HumanEval, MBPP and QuixBugs
// hold (solve/task/public_sets.h), by name; `folder` may also be one such file. kNotFound: no such folder; kBadInput: no task
// in it.
Result<std::vector<std::string>> FindTasks(const std::string& folder);

struct TaskResult {
  bool solved = false;                 // all given rows right
  std::optional<bool> held_out_right;  // all rows right; nothing where none was held out
  double seconds = 0;
  size_t size = 0, candidates = 0;
  std::string program;  // "infeasible" where the examples contradict each other; empty where none was found
  std::string error;    // what is wrong with the task's file
};

// Is it judged by running programs, rather than an example by example search? Then RunTask solves it.
bool IsProgramTask(const std::string& path);

// `give`: only the first so many different rows; 0: all. Not for program tasks.
TaskResult SolveTask(const std::string& path, const Budget& budget, size_t give);

}  // namespace hasten::solve
