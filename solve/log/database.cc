#include "solve/log/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/quote.h"

namespace hasten::solve {

static std::string Quoted(const std::string& path) { return "'" + Printable(path, 200) + "'"; }

Error Database::LastError(const char* doing) const {
  const int code = sqlite3_errcode(db_);
  const std::string where = std::string("cannot ") + doing + " the run log " + Quoted(path_) + ": ";
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {Code::kExhausted, where + "the disk is full; make room, or name another file with --log"};
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return {Code::kCorrupt, where + "it is not a log of hasten, or damaged; name another file with --log"};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return {Code::kBadInput, where + "it cannot be written; name another file with --log, or pass --no-log"};
    case SQLITE_BUSY:
      return {Code::kExhausted, where + "another process has held it for 10 seconds; try again"};
    default:
      return {Code::kExhausted, where + sqlite3_errmsg(db_) + "; is the disk full?"};
  }
}

Result<Database> Database::Open(const std::string& path, Mode mode) {
  // Created here rather than by SQLite, for its mode: the log holds private data.
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | (mode == Mode::kCreate ? O_CREAT : 0), 0600);
  if (fd < 0) {
    const bool missing = errno == ENOENT && mode != Mode::kCreate;
    if (missing) return Error{Code::kNotFound, "there is no run log " + Quoted(path) + " yet; `hasten solve` writes it"};
    return Error{errno == ENOSPC ? Code::kExhausted : Code::kBadInput, "cannot open the run log " + Quoted(path) + ": " +
                                                                           std::strerror(errno) +
                                                                           "; name another file with --log, or pass --no-log"};
  }
  ::close(fd);
  Database db;
  db.path_ = path;
  if (sqlite3_open_v2(path.c_str(), &db.db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK)
    return db.LastError("open");
  sqlite3_extended_result_codes(db.db_, 1);
  sqlite3_busy_timeout(db.db_, 10000);
  return db;
}

Database::Database(Database&& other) noexcept : db_(std::exchange(other.db_, nullptr)), path_(std::move(other.path_)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(db_, other.db_);
  std::swap(path_, other.path_);
  return *this;
}

Database::~Database() { sqlite3_close_v2(db_); }

Status Database::Run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return LastError("write");
  return {};
}

Result<Statement> Database::Prepare(const char* sql) const {
  Statement s;
  s.database_ = this;
  if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &s.statement_, nullptr) != SQLITE_OK)
    return LastError("read");
  return s;
}

int64_t Database::last_row() const { return sqlite3_last_insert_rowid(db_); }
int64_t Database::changed_rows() const { return sqlite3_changes64(db_); }

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Bind(int at, int64_t value) {
  sqlite3_bind_int64(statement_, at, value);
  return *this;
}

Statement& Statement::Bind(int at, double value) {
  sqlite3_bind_double(statement_, at, value);
  return *this;
}

Statement& Statement::Bind(int at, std::string_view value) {
  // An empty view may have no address, which SQLite would take for NULL.
  sqlite3_bind_text64(statement_, at, value.data() ? value.data() : "", value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::Bind(int at, const std::optional<double>& value) { return value ? Bind(at, *value) : BindNull(at); }

Statement& Statement::BindNull(int at) {
  sqlite3_bind_null(statement_, at);
  return *this;
}

Result<bool> Statement::Step(const char* doing) {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const Error error = database_->LastError(doing);
  sqlite3_reset(statement_);
  return error;
}

Status Statement::Finish(const char* doing) {
  for (;;) {
    TRY(const bool row, Step(doing));
    if (!row) break;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  return {};
}

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::Real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text ? std::string(text, size_t(sqlite3_column_bytes(statement_, column))) : std::string();
}

}  // namespace hasten::solve
