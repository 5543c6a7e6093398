#include "solve/log/run_log.h"

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/quote.h"

namespace hasten::solve {

namespace fs = std::filesystem;

// A new version of the tables gets the next number, and code here that brings older files to it.
static constexpr int64_t kFormat = 1;

static constexpr char kTables[] = R"(
CREATE TABLE IF NOT EXISTS runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT, started REAL, kind TEXT, task TEXT, text TEXT, task_digest TEXT, settings TEXT,
  model_hash TEXT, version TEXT, seed INTEGER, status TEXT, best INTEGER, seconds REAL, trials INTEGER, tokens INTEGER,
  dollars REAL);
CREATE TABLE IF NOT EXISTS trials(
  run INTEGER, n INTEGER, parent INTEGER, other INTEGER, proposer TEXT, candidate TEXT, candidate_digest TEXT, prompt_hash TEXT,
  model_hash TEXT, seed INTEGER, verdict TEXT, score REAL, passed INTEGER, checks INTEGER, feedback TEXT, behaviour TEXT,
  cpu_s REAL, wall_s REAL, memory_bytes INTEGER, tokens_in INTEGER, tokens_out INTEGER, dollars REAL, at_s REAL,
  PRIMARY KEY(run, n)) WITHOUT ROWID;
PRAGMA user_version = 1;
)";

static constexpr char kRunColumns[] =
    "SELECT id, started, kind, task, text, task_digest, settings, model_hash, version, seed, status, best, seconds, trials, "
    "tokens, dollars FROM runs ";

double SecondsSince1970() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

Result<std::string> RunLogPath(const std::string& given) {
  if (!given.empty()) return given;
  const char* const data = std::getenv("XDG_DATA_HOME");
  const char* const home = std::getenv("HOME");
  if (data && *data == '/') return std::string(data) + "/hasten/runs.db";  // the XDG specification: a relative path is ignored
  if (home && *home) return std::string(home) + "/.local/share/hasten/runs.db";
  return Error{Code::kBadInput, "no home for the run log: HOME is not set; name a file with --log, or pass --no-log"};
}

static Result<int64_t> FormatOf(const Database& db) {
  TRY(Statement version, db.Prepare("PRAGMA user_version"));
  TRY(const bool row, version.Step("read"));
  return row ? version.Int(0) : 0;
}

static Status Prepare(Database& db) {
  TRY(const int64_t format, FormatOf(db));
  if (format > kFormat)
    return Error{Code::kUnsupported, "the run log '" + Printable(db.path(), 200) +
                                         Fmt("' is of format %lld, and this hasten knows %lld; name another file with --log",
                                             static_cast<long long>(format), static_cast<long long>(kFormat))};
  // WAL: readers and a writer do not wait for each other, and a commit is whole whenever the process dies.
  TRY_OK(db.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"));
  if (format == kFormat) return {};
  return db.Run(kTables);
}

Result<RunLog> RunLog::Open(const std::string& path, size_t most_pages) {
  std::error_code ignored;  // SQLite's own message names what is wrong with the file
  if (const fs::path folder = fs::path(path).parent_path(); !folder.empty() && !fs::exists(folder, ignored)) {
    fs::create_directories(folder, ignored);
    fs::permissions(folder, fs::perms::owner_all, ignored);
  }
  TRY(Database db, Database::Open(path, Database::Mode::kCreate));
  if (most_pages) TRY_OK(db.Run(Fmt("PRAGMA max_page_count = %zu", most_pages).c_str()));
  TRY_OK(Prepare(db));
  return RunLog(std::move(db));
}

Result<RunLog> RunLog::OpenExisting(const std::string& path) {
  TRY(Database db, Database::Open(path, Database::Mode::kReadWrite));
  TRY_OK(Prepare(db));
  return RunLog(std::move(db));
}

Result<int64_t> RunLog::Begin(const RunRecord& run) {
  TRY(Statement insert,
      db_.Prepare("INSERT INTO runs(started, kind, task, text, task_digest, settings, model_hash, version, seed, "
                  "status, best, seconds, trials, tokens, dollars) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  insert.Bind(1, run.started).Bind(2, run.kind).Bind(3, run.task).Bind(4, run.text).Bind(5, run.task_digest);
  insert.Bind(6, run.settings).Bind(7, run.model_hash).Bind(8, run.version).Bind(9, int64_t(run.seed)).Bind(10, run.status);
  insert.Bind(11, run.best).Bind(12, run.seconds).Bind(13, int64_t(run.trials)).Bind(14, int64_t(run.tokens));
  insert.Bind(15, run.dollars);
  TRY_OK(insert.Finish("write"));
  return db_.last_row();
}

static void BindTrial(Statement& insert, int64_t run, const TrialRecord& t) {
  insert.Bind(1, run).Bind(2, int64_t(t.n)).Bind(3, t.parent).Bind(4, t.other).Bind(5, t.proposer);
  if (t.candidate) {
    insert.Bind(6, std::string_view(*t.candidate));
  } else {
    insert.BindNull(6);
  }
  insert.Bind(7, t.candidate_digest).Bind(8, t.prompt_hash).Bind(9, t.model_hash).Bind(10, int64_t(t.seed));
  insert.Bind(11, t.verdict).Bind(12, t.score).Bind(13, int64_t(t.passed)).Bind(14, int64_t(t.checks)).Bind(15, t.feedback);
  insert.Bind(16, t.behaviour).Bind(17, t.cpu_s).Bind(18, t.wall_s).Bind(19, int64_t(t.memory_bytes));
  insert.Bind(20, int64_t(t.tokens_in)).Bind(21, int64_t(t.tokens_out)).Bind(22, t.dollars).Bind(23, t.at_s);
}

Status RunLog::Append(int64_t run, std::span<const TrialRecord> trials) {
  if (trials.empty()) return {};
  TRY(Statement insert, db_.Prepare("INSERT OR REPLACE INTO trials VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  TRY_OK(db_.Run("BEGIN IMMEDIATE"));
  Status status;
  for (const TrialRecord& trial : trials) {
    BindTrial(insert, run, trial);
    if (status = insert.Finish("write"); !status) break;
  }
  if (status) status = db_.Run("COMMIT");
  if (!status) (void)db_.Run("ROLLBACK");  // after some errors SQLite has already rolled back, and says so
  return status;
}

Status RunLog::Update(const RunRecord& run) {
  TRY(Statement update,
      db_.Prepare("UPDATE runs SET status = ?, best = ?, seconds = ?, trials = ?, tokens = ?, dollars = ? WHERE id = ?"));
  update.Bind(1, run.status).Bind(2, run.best).Bind(3, run.seconds).Bind(4, int64_t(run.trials)).Bind(5, int64_t(run.tokens));
  update.Bind(6, run.dollars).Bind(7, run.id);
  return update.Finish("write");
}

static RunRecord RunOf(const Statement& row) {
  return {.id = row.Int(0),
          .started = row.Real(1),
          .kind = row.Text(2),
          .task = row.Text(3),
          .text = row.Text(4),
          .task_digest = row.Text(5),
          .settings = row.Text(6),
          .model_hash = row.Text(7),
          .version = row.Text(8),
          .seed = uint64_t(row.Int(9)),
          .status = row.Text(10),
          .best = row.Int(11),
          .seconds = row.Real(12),
          .trials = size_t(row.Int(13)),
          .tokens = size_t(row.Int(14)),
          .dollars = row.Real(15)};
}

Result<std::vector<RunRecord>> RunLog::Runs() const {
  TRY(Statement select,
      db_.Prepare("SELECT id, started, kind, task, '', task_digest, settings, model_hash, version, seed, status, "
                  "best, seconds, trials, tokens, dollars FROM runs ORDER BY id DESC"));
  std::vector<RunRecord> runs;
  for (;;) {
    TRY(const bool row, select.Step("read"));
    if (!row) return runs;
    runs.push_back(RunOf(select));
  }
}

Result<RunRecord> RunLog::Find(int64_t id) const {
  TRY(Statement select, db_.Prepare((std::string(kRunColumns) + "WHERE id = ?").c_str()));
  select.Bind(1, id);
  TRY(const bool row, select.Step("read"));
  if (row) return RunOf(select);
  return Error{Code::kNotFound, Fmt("the run log '%s' has no run %lld; `hasten runs` lists them",
                                    Printable(path(), 200).c_str(), static_cast<long long>(id))};
}

static TrialRecord TrialOf(const Statement& row) {
  TrialRecord t;
  t.n = uint64_t(row.Int(0));
  t.parent = row.Int(1);
  t.other = row.Int(2);
  t.proposer = row.Text(3);
  if (!row.IsNull(4)) t.candidate = row.Text(4);
  t.candidate_digest = row.Text(5);
  t.prompt_hash = row.Text(6);
  t.model_hash = row.Text(7);
  t.seed = uint64_t(row.Int(8));
  t.verdict = row.Text(9);
  if (!row.IsNull(10)) t.score = row.Real(10);
  t.passed = size_t(row.Int(11));
  t.checks = size_t(row.Int(12));
  t.feedback = row.Text(13);
  t.behaviour = row.Text(14);
  t.cpu_s = row.Real(15);
  t.wall_s = row.Real(16);
  t.memory_bytes = size_t(row.Int(17));
  t.tokens_in = size_t(row.Int(18));
  t.tokens_out = size_t(row.Int(19));
  t.dollars = row.Real(20);
  t.at_s = row.Real(21);
  return t;
}

Result<std::vector<TrialRecord>> RunLog::Trials(int64_t run) const {
  TRY(Statement select,
      db_.Prepare("SELECT n, parent, other, proposer, candidate, candidate_digest, prompt_hash, model_hash, seed, "
                  "verdict, score, passed, checks, feedback, behaviour, cpu_s, wall_s, memory_bytes, tokens_in, "
                  "tokens_out, dollars, at_s FROM trials WHERE run = ? ORDER BY n"));
  select.Bind(1, run);
  std::vector<TrialRecord> trials;
  for (;;) {
    TRY(const bool row, select.Step("read"));
    if (!row) return trials;
    trials.push_back(TrialOf(select));
  }
}

Result<size_t> RunLog::Delete(std::span<const int64_t> ids) {
  TRY_OK(db_.Run("PRAGMA secure_delete = ON; BEGIN IMMEDIATE"));
  size_t gone = 0;
  Status status;
  for (const int64_t id : ids) {
    auto trials = db_.Prepare("DELETE FROM trials WHERE run = ?");
    auto run = db_.Prepare("DELETE FROM runs WHERE id = ?");
    if (!trials || !run) {
      status = !trials ? trials.error() : run.error();
      break;
    }
    if (status = trials->Bind(1, id).Finish("write"); !status) break;
    if (status = run->Bind(1, id).Finish("write"); !status) break;
    gone += size_t(db_.changed_rows());
  }
  if (status) status = db_.Run("COMMIT");
  if (!status) {
    (void)db_.Run("ROLLBACK");
    return status.error();
  }
  // What was deleted is to be gone from the disk: from the file's free pages and from the write-ahead log.
  TRY_OK(db_.Run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"));
  return gone;
}

Result<size_t> RunLog::Prune(size_t keep, double days, double now) {
  TRY(const std::vector<RunRecord> runs, Runs());
  std::vector<int64_t> old;
  for (size_t i = 0; i < runs.size(); ++i)
    if (i >= keep || (days > 0 && runs[i].started < now - days * 86400)) old.push_back(runs[i].id);
  if (old.empty()) return size_t(0);
  return Delete(old);
}

}  // namespace hasten::solve
