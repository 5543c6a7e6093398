// Runs the built binary, away from the user's own configuration.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/support.h"

namespace hasten {

inline ProcessResult Hasten(const std::vector<std::string>& arguments, ProcessOptions options = {}) {
  std::vector<std::string> command;
  std::istringstream emulator(HASTEN_EMULATOR);  // empty, or words that run a binary of another architecture
  for (std::string word; std::getline(emulator, word, ';');) command.push_back(word);
  command.push_back(HASTEN_BINARY);
  command.insert(command.end(), arguments.begin(), arguments.end());
  static const TempDir data;  // run logs
  options.environment.insert(options.environment.begin(),
                             {"HOME=/nonexistent", "XDG_CONFIG_HOME=", "XDG_DATA_HOME=" + data.path().string()});
  return RunProcess(command, options);
}

}  // namespace hasten
