// SQLite with errors as values. One thread uses a Database at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hasten::solve {

class Statement;

class Database {
 public:
  enum class Mode { kReadWrite, kCreate };  // kCreate makes the file where it is missing, for its owner's eyes only
  static Result<Database> Open(const std::string& path, Mode mode);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  Status Run(const char* sql);  // one or more statements without parameters
  Result<Statement> Prepare(const char* sql) const;
  int64_t last_row() const;
  int64_t changed_rows() const;
  const std::string& path() const { return path_; }
  // What went wrong last: kExhausted where the disk is full, kCorrupt where the file is not a database.
  Error LastError(const char* doing) const;

 private:
  Database() = default;
  sqlite3* db_ = nullptr;
  std::string path_;
};

// Parameters are bound by position from 1, columns read by position from 0. Lives no longer than its Database.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  Statement& Bind(int at, int64_t value);
  Statement& Bind(int at, double value);
  Statement& Bind(int at, std::string_view value);
  Statement& Bind(int at, const std::optional<double>& value);  // NULL where there is none
  Statement& BindNull(int at);
  Result<bool> Step(const char* doing);  // is there a row?
  Status Finish(const char* doing);      // runs to the end and makes the statement ready for other parameters

  bool IsNull(int column) const;
  int64_t Int(int column) const;
  double Real(int column) const;
  std::string Text(int column) const;

 private:
  friend class Database;
  Statement() = default;
  const Database* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace hasten::solve
