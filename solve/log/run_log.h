// The record: every run is a row, every trial is a row, in one SQLite file.
//
//   TRY(RunLog log, RunLog::Open(path));
//   TRY(const int64_t id, log.Begin(run));        // from here on `hasten runs` shows it
//   TRY_OK(log.Append(id, trials));               // one transaction: all of them or none
//   TRY_OK(log.End(id, run));
//
// A process that dies at any moment loses what it had not appended yet, and nothing else (WAL; the operating system's death
// may take the last second too). Several processes may write one log. The file is its owner's alone (mode 0600).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "solve/log/database.h"

namespace hasten::solve {

struct RunRecord {
  int64_t id = 0;
  double started = 0;            // seconds since 1970
  std::string kind = {};         // "table", "sygus", "suite", "task"
  std::string task = {};         // its file as the user named it, made absolute
  std::string text = {};         // what the file held
  std::string task_digest = {};  // over all that the verdicts depend on: the task, its checks' files, its settings
  std::string settings = {};     // flags that matter, as JSON
  std::string model_hash = {};   // empty where no model proposed
  std::string version = {};      // hasten's
  uint64_t seed = 0;
  std::string status = "running";  // then solved, unsolved, interrupted, failed
  int64_t best = -1;               // the trial that is the answer
  double seconds = 0;              // spent so far, over all resumptions
  size_t trials = 0, tokens = 0;   // trials: what was judged; a duplicate has a row and is not counted
  double dollars = 0;
};

struct TrialRecord {
  uint64_t n = 0;                   // from 0, in the order of proposing
  int64_t parent = -1, other = -1;  // trials that it was made from; -1: none
  std::string proposer = {};
  std::optional<std::string> candidate = {};  // nothing where only its digest was kept
  std::string candidate_digest = {}, prompt_hash = {}, model_hash = {};
  uint64_t seed = 0;
  std::string verdict = {};
  std::optional<double> score = {};
  size_t passed = 0, checks = 0;
  std::string feedback = {}, behaviour = {};
  double cpu_s = 0, wall_s = 0;
  size_t memory_bytes = 0, tokens_in = 0, tokens_out = 0;
  double dollars = 0;
  double at_s = 0;  // of the run's time
};

class RunLog {
 public:
  // Makes the file and its folder where they are missing. `most_pages` (4 KiB each; 0: no limit) is for tests of a full disk.
  static Result<RunLog> Open(const std::string& path, size_t most_pages = 0);
  static Result<RunLog> OpenExisting(const std::string& path);

  Result<int64_t> Begin(const RunRecord& run);
  Status Append(int64_t run, std::span<const TrialRecord> trials);
  // Writes status, best, seconds, trials, tokens and dollars of `run`.
  Status Update(const RunRecord& run);

  Result<std::vector<RunRecord>> Runs() const;  // newest first; without their texts
  Result<RunRecord> Find(int64_t id) const;     // kNotFound says which there are
  Result<std::vector<TrialRecord>> Trials(int64_t run) const;
  Result<size_t> Delete(std::span<const int64_t> ids);
  // Keeps the newest `keep`, and of these only what is younger than `days` (0: any age). How many runs went.
  Result<size_t> Prune(size_t keep, double days, double now);
  const std::string& path() const { return db_.path(); }

 private:
  explicit RunLog(Database db) : db_(std::move(db)) {}
  Database db_;
};

// --log FILE, else $XDG_DATA_HOME/hasten/runs.db, else ~/.local/share/hasten/runs.db. kBadInput where no home is known.
Result<std::string> RunLogPath(const std::string& given);

double SecondsSince1970();

}  // namespace hasten::solve
