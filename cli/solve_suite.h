// `hasten solve --suite`: every task of a folder, on all processors.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/solve_task.h"
#include "cli/verb.h"

namespace hasten {

struct SuiteOptions {
  std::string folder;
  double timeout = 10;
  size_t give = 0, memory_bytes = 0, threads = 1;
  bool json = false;
  TaskFlags task = {};
  LogFlags log = {};
};
Result<Exit> SolveSuite(const SuiteOptions& options, const Common& common);

}  // namespace hasten
