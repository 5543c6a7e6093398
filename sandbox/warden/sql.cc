// Runs SQL on a database in memory, in a forked child: what comes as input sets it up, what comes as source is the candidate.
// Each row of the candidate's answers is a JSON array on a line of its own. SQLite is loaded once, before the fork.
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>

#include "sandbox/warden/run.h"

namespace hasten::sandbox {
namespace {

// The functions used, found by name: the warden is linked with nothing but the C library.
struct Library {
  decltype(&::sqlite3_open) open;
  decltype(&::sqlite3_prepare_v2) prepare;
  decltype(&::sqlite3_step) step;
  decltype(&::sqlite3_finalize) finalize;
  decltype(&::sqlite3_column_count) column_count;
  decltype(&::sqlite3_column_type) column_type;
  decltype(&::sqlite3_column_text) column_text;
  decltype(&::sqlite3_column_bytes) column_bytes;
  decltype(&::sqlite3_column_double) column_double;
  decltype(&::sqlite3_errmsg) errmsg;
  bool loaded;
} g_sql{};

template <class F>
bool Find(void* library, const char* name, F& to) {
  to = reinterpret_cast<F>(::dlsym(library, name));
  return to != nullptr;
}

// Standard output, gathered: a row is no system call.
class Output {
 public:
  void Put(std::string_view text) {
    gathered_.Raw(text.data(), text.size());
    if (gathered_.size() > 60000) Flush();
  }
  bool Flush() {
    std::string_view left(gathered_.data(), gathered_.size());
    while (!left.empty()) {
      const ssize_t n = ::write(1, left.data(), left.size());
      if (n <= 0) return false;
      left.remove_prefix(size_t(n));
    }
    gathered_.Clear();
    return !gathered_.failed();
  }

 private:
  WireBuffer gathered_;
};

void PutText(Output& out, const char* text, int size) {
  out.Put("\"");
  for (int i = 0; i < size; ++i) {
    char escaped[8] = {'\\', text[i], 0};
    if (static_cast<unsigned char>(text[i]) < 0x20) ::snprintf(escaped, sizeof escaped, "\\u%04x", unsigned(text[i]));
    const bool escape = text[i] == '"' || text[i] == '\\' || static_cast<unsigned char>(text[i]) < 0x20;
    out.Put(escape ? std::string_view(escaped) : std::string_view(text + i, 1));
  }
  out.Put("\"");
}

void PutRow(Output& out, sqlite3_stmt* row) {
  const int columns = g_sql.column_count(row);
  for (int c = 0; c < columns; ++c) {
    char number[32];
    out.Put(c ? ", " : "[");
    const auto* text = reinterpret_cast<const char*>(g_sql.column_text(row, c));
    switch (g_sql.column_type(row, c)) {
      case SQLITE_NULL:
        out.Put("null");
        break;
      case SQLITE_INTEGER:
        out.Put(text);
        break;
      case SQLITE_FLOAT:
        ::snprintf(number, sizeof number, "%.15g", g_sql.column_double(row, c)), out.Put(number);
        break;
      default:
        PutText(out, text ? text : "", g_sql.column_bytes(row, c));
    }
  }
  out.Put("]\n");
}

// All statements of a text; rows go to `out` where there is one. False: an error, told on standard error.
bool RunText(sqlite3* database, const char* text, Output* out) {
  while (*text) {
    sqlite3_stmt* statement = nullptr;
    int code = g_sql.prepare(database, text, -1, &statement, &text);
    while (code == SQLITE_OK && statement && (code = g_sql.step(statement)) == SQLITE_ROW) {
      if (out) PutRow(*out, statement);
      code = SQLITE_OK;
    }
    if (code != SQLITE_OK && code != SQLITE_DONE) {
      ::dprintf(2, "%s: %s\n", out ? "SQL" : "set-up", g_sql.errmsg(database));
      return false;
    }
    g_sql.finalize(statement);
  }
  return true;
}

}  // namespace

void LoadSql() {
  if (g_sql.loaded) return;
  void* library = ::dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
  g_sql.loaded =
      library && Find(library, "sqlite3_open", g_sql.open) && Find(library, "sqlite3_prepare_v2", g_sql.prepare) &&
      Find(library, "sqlite3_step", g_sql.step) && Find(library, "sqlite3_finalize", g_sql.finalize) &&
      Find(library, "sqlite3_column_count", g_sql.column_count) && Find(library, "sqlite3_column_type", g_sql.column_type) &&
      Find(library, "sqlite3_column_text", g_sql.column_text) && Find(library, "sqlite3_column_bytes", g_sql.column_bytes) &&
      Find(library, "sqlite3_column_double", g_sql.column_double) && Find(library, "sqlite3_errmsg", g_sql.errmsg);
}

void RunSql(std::string_view source) {
  if (!g_sql.loaded) {
    ::dprintf(2, "libsqlite3.so.0 is not installed\n");
    Leave(1);
  }
  WireBuffer input;
  sqlite3* database = nullptr;
  bool ok = ReadAll(0, input);
  input.Raw("", 1);
  ok = ok && !input.failed() && g_sql.open(":memory:", &database) == SQLITE_OK && RunText(database, input.data(), nullptr);
  if (!ok) Leave(2);
  Output out;
  ok = RunText(database, source.data(), &out);
  Leave(out.Flush() && ok ? 0 : 1);
}

}  // namespace hasten::sandbox
