// `--log FILE` and `--no-log`: where a verb keeps its record.
#pragma once

#include <optional>
#include <string>

#include "cli/verb.h"
#include "solve/log/run_log.h"

namespace hasten {

struct LogFlags {
  std::string path;
  bool off = false;
  void Declare(CLI::App& app);
  // For writing. A log that was named and cannot be written is refused before any work; the default one only warned of.
  Result<std::optional<solve::RunLog>> Open() const;
  Result<solve::RunLog> OpenExisting() const;
};

// Says on standard error, once, that the log takes no more and what that costs; an answer is worth more than its record.
void WarnOfLog(const Error& error);

}  // namespace hasten
