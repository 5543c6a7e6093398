#include "cli/solve_record.h"

#include <filesystem>

#include "solve/log/digest.h"

namespace hasten {
namespace {

Status Write(solve::RunLog& log, const FinishedSearch& search) {
  std::error_code ignored;
  const auto path = std::filesystem::absolute(search.file, ignored);
  const auto text = ReadFile(search.file);  // it was read once already; from standard input it does not come again
  solve::RunRecord run = {.started = solve::SecondsSince1970() - search.seconds,
                          .kind = search.kind,
                          .task = search.file == "-" ? search.file : path.string(),
                          .settings = search.settings,
                          .version = HASTEN_VERSION,
                          .status = search.cancelled          ? "interrupted"
                                    : search.programs.empty() ? "unsolved"
                                                              : "solved",
                          .best = search.programs.empty() ? -1 : 0,
                          .seconds = search.seconds,
                          .trials = search.candidates};
  if (text && search.file != "-") run.task_digest = solve::DigestText(solve::Digest(*text));
  TRY(const int64_t id, log.Begin(run));
  std::vector<solve::TrialRecord> trials;
  for (const std::string& program : search.programs) {
    solve::TrialRecord trial;
    trial.n = trials.size();
    trial.proposer = "enumerator";
    trial.candidate = program;
    trial.candidate_digest = solve::DigestText(solve::Digest(program));
    trial.verdict = "accepted";
    trial.passed = trial.checks = search.checks;
    trial.at_s = search.seconds;
    trials.push_back(std::move(trial));
  }
  return log.Append(id, trials);
}

}  // namespace

void RecordSearch(std::optional<solve::RunLog>& log, const FinishedSearch& search) {
  if (!log) return;
  if (const Status status = Write(*log, search); !status) WarnOfLog(status.error());
}

}  // namespace hasten
