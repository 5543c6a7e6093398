// Runs a program as a user would, and tells what it said.
#pragma once

#include <string>
#include <vector>

namespace hasten {

struct ProcessOptions {
  std::string input = {};                     // its standard input
  std::vector<std::string> environment = {};  // "NAME=value", added to this process's own
};

struct ProcessResult {
  int exit_code = -1;  // 128 + signal where a signal ended it, as shells count
  std::string out, err;
};

ProcessResult RunProcess(const std::vector<std::string>& command, const ProcessOptions& options = {});

}  // namespace hasten
