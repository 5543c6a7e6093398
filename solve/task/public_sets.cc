#include "solve/task/public_sets.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/quote.h"
#include "solve/log/digest.h"
#include "solve/task/quixbugs.h"
#include "text/json.h"

namespace hasten::solve {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

Result<std::string> ReadMaybeGzip(const std::string& path, size_t most) {
  TRY(const std::string bytes, ReadFile(path));
  if (!bytes.starts_with("\x1f\x8b")) return bytes;
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return Error{Code::kExhausted, "zlib cannot start"};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = uInt(bytes.size());
  std::string text;
  char buffer[1 << 16];
  int state = Z_OK;
  while (state == Z_OK && text.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    state = inflate(&stream, Z_NO_FLUSH);
    if (state == Z_OK || state == Z_STREAM_END) text.append(buffer, sizeof buffer - stream.avail_out);
  }
  inflateEnd(&stream);
  if (text.size() > most)
    return Error{Code::kExhausted, "'" + Printable(path, 200) + Fmt("' inflates to more than %zu bytes", most)};
  if (state != Z_STREAM_END) return Error{Code::kCorrupt, "'" + Printable(path, 200) + "' is damaged gzip"};
  return text;
}

namespace {

bool Has(const ordered_json& json, std::initializer_list<const char*> names) {
  return json.is_object() && std::all_of(names.begin(), names.end(), [&](const char* n) { return json.contains(n); });
}

std::string TextOf(const ordered_json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string IdOf(const ordered_json& json) {
  const auto found = json.find("task_id");
  if (found == json.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

bool IsHumanEval(const ordered_json& json) {
  return Has(json, {"task_id", "prompt", "test"}) && (json.contains("entry_point") || json.contains("declaration"));
}
bool IsMbpp(const ordered_json& json) { return Has(json, {"task_id", "test_list"}); }

// All rows of a file of JSON or JSON Lines that are tasks; empty where the first row is none.
std::vector<ordered_json> RowsOf(const std::string& text) {
  std::vector<ordered_json> rows;
  const auto keep = [&rows](ordered_json row) {
    const bool known = IsHumanEval(row) || IsMbpp(row);
    if (known) rows.push_back(std::move(row));
    return known;
  };
  if (text.starts_with('[')) {
    auto list = ParseJson(text);
    if (!list || !list->is_array()) return rows;
    for (auto& row : *list)
      if (!keep(std::move(row))) break;
    return rows;
  }
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (text.find_first_not_of(" \t\r", at) < end) {
      auto row = ParseJson(std::string_view(text).substr(at, end - at));
      if (!row || !keep(*std::move(row))) break;
    }
    at = end + 1;
  }
  return rows;
}

// What stands before the function itself: imports, helpers.
std::string Before(const std::string& prompt, const std::string& mark) {
  const size_t at = prompt.rfind(mark);
  return at == std::string::npos ? std::string() : prompt.substr(0, at);
}

Task HumanEvalTask(const ordered_json& row) {
  Task task;
  const std::string prompt = TextOf(row, "prompt"), declaration = TextOf(row, "declaration");
  TaskCheck check;
  check.hidden = true;  // its authors show only the prompt
  if (!declaration.empty() && declaration.find("def ") == std::string::npos) {
    task.language = "c++";
    task.goal = "Complete this C++ function. Answer with the whole function, includes and all.";
    // The tests share a process with the candidate. What only their last line prints is missing where it ended before.
    std::string test = "#include <cstdio>\n" + TextOf(row, "test");
    check.expected = "through " + DigestText(Digest(test)) + "\n";
    if (const size_t end = test.rfind('}'); end != std::string::npos)
      test.insert(end, "std::fputs(\"" + check.expected.substr(0, check.expected.size() - 1) + "\\n\", stdout);\n");
    task.template_after = "\n" + test;
    check.kind = TaskCheckKind::kProcess;
  } else {
    task.goal = "Complete this Python function. Answer with the whole function.";
    task.entry = TextOf(row, "entry_point");
    const size_t def = prompt.rfind("def ");
    if (task.entry.empty() && def != std::string::npos) task.entry = prompt.substr(def + 4, prompt.find('(', def) - def - 4);
    task.template_before = Before(prompt, "def " + task.entry);
    check.kind = TaskCheckKind::kCode;
    check.code = TextOf(row, "test");
    if (check.code.find("check(" + task.entry) == std::string::npos) check.code += "\ncheck(" + task.entry + ")\n";
  }
  task.signature = prompt;
  task.checks.push_back(check);
  return task;
}

Task MbppTask(const ordered_json& row) {
  Task task;
  task.goal = TextOf(row, row.contains("prompt") ? "prompt" : "text");
  std::string imports;
  if (const auto found = row.find("test_imports"); found != row.end() && found->is_array())
    for (const auto& line : *found)
      if (line.is_string()) imports += line.get<std::string>() + "\n";
  for (const auto& line : row["test_list"]) {
    if (!line.is_string()) continue;
    TaskCheck check;
    check.kind = TaskCheckKind::kCode;
    check.code = imports + line.get<std::string>();
    task.checks.push_back(check);
  }
  return task;
}

}  // namespace

bool NamesPublicTask(const std::string& path) { return path.rfind('#') != std::string::npos && path.rfind('#') > 0; }

std::vector<std::string> PublicTasksIn(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    if (!IsQuixBugs(path)) return names;
    for (fs::directory_iterator at(fs::path(path) / "python_programs", error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().stem().string();
      const fs::path test = fs::path(path) / "python_testcases" / ("test_" + name + ".py");
      if (at->path().extension() == ".py" && fs::exists(test, error)) names.push_back(path + "#" + name);
    }
  } else if (const auto text = ReadMaybeGzip(path)) {
    for (const ordered_json& row : RowsOf(*text)) names.push_back(path + "#" + IdOf(row));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Task> PublicTask(const std::string& name) {
  const size_t mark = name.rfind('#');
  const std::string path = name.substr(0, mark), id = name.substr(mark + 1);
  std::error_code error;
  std::optional<Task> task;
  if (fs::is_directory(path, error)) {
    if (id.find('/') != std::string::npos || !IsQuixBugs(path))
      return Error{Code::kNotFound, "'" + Printable(path, 200) + "' holds no task '" + Printable(id) + "'"};
    TRY(Task read, QuixBugsTask(path, id));
    task.emplace(std::move(read));
  } else {
    TRY(const std::string text, ReadMaybeGzip(path));
    for (const ordered_json& row : RowsOf(text)) {
      if (IdOf(row) != id) continue;
      task.emplace(IsHumanEval(row) ? HumanEvalTask(row) : MbppTask(row));
      task->text = row.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
      break;
    }
    if (!task) return Error{Code::kNotFound, "'" + Printable(path, 200) + "' holds no task '" + Printable(id) + "'"};
  }
  task->name = id;
  task->path = name;
  task->folder = fs::path(path).parent_path().string();
  if (const Status status = FinishTask(*task); !status)
    return Error{Code::kCorrupt, "'" + Printable(name, 200) + "': " + status.error().what};
  return *std::move(task);
}

}  // namespace hasten::solve
