// What `hasten solve` writes down of tables, SyGuS files and suites.
#pragma once

#include <string>
#include <vector>

#include "cli/log_flags.h"

namespace hasten {

// A search that is over, with the programs that it showed, best first.
struct FinishedSearch {
  std::string kind, file, settings;
  double seconds = 0;
  size_t candidates = 0, checks = 0;  // programs tried; rows that judged them
  std::vector<std::string> programs;
  bool cancelled = false;
};

// Warns where the log takes it not.
void RecordSearch(std::optional<solve::RunLog>& log, const FinishedSearch& search);

}  // namespace hasten
