#include "cli/log_flags.h"

#include <cstdio>

namespace hasten {

void LogFlags::Declare(CLI::App& app) {
  app.add_option("--log", path, "the run log (default: ~/.local/share/hasten/runs.db)")->type_name("FILE");
}

Result<std::optional<solve::RunLog>> LogFlags::Open() const {
  if (off) return std::optional<solve::RunLog>();
  Result<std::string> where = solve::RunLogPath(path);
  Result<solve::RunLog> log = where ? solve::RunLog::Open(*where) : Result<solve::RunLog>(where.error());
  if (log) return std::optional<solve::RunLog>(*std::move(log));
  if (!path.empty()) return log.error();
  WarnOfLog(log.error());
  return std::optional<solve::RunLog>();
}

Result<solve::RunLog> LogFlags::OpenExisting() const {
  TRY(const std::string where, solve::RunLogPath(path));
  return solve::RunLog::OpenExisting(where);
}

void WarnOfLog(const Error& error) {
  std::fprintf(stderr, "hasten: %s. The search goes on without a record.\n", error.what.c_str());
}

}  // namespace hasten
