// task.toml: every key, what it may hold, and what is said when it does not.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/file.h"
#include "base/quote.h"
#include "solve/log/digest.h"
#include "solve/task/languages.h"
#include "solve/task/public_sets.h"
#include "solve/task/task.h"
#include "text/toml.h"

namespace hasten::solve {
namespace {

namespace fs = std::filesystem;
using Kind = TomlValue::Kind;

Error At(const TomlValue& value, const std::string& what) { return {Code::kBadInput, Fmt("line %zu: ", value.line) + what}; }

Error Mismatch(const std::string& name, const TomlValue& value, const char* wanted) {
  return At(value, "'" + name + "' is " + std::string(TomlKindName(value.kind)) + ", and " + wanted + " is needed");
}

// A table's keys, taken one by one; what was not asked for is unknown.
class Keys {
 public:
  Keys(const TomlValue& table, std::string where) : table_(table), where_(std::move(where)) {}

  const TomlValue* Take(const char* name) {
    known_.push_back(name);
    return table_.Find(name);
  }
  Status Text(const char* name, std::string* to) {
    const TomlValue* const value = Take(name);
    if (!value) return {};
    if (value->kind != Kind::kText) return Mismatch(where_ + name, *value, "a text");
    *to = value->text;
    return {};
  }
  Status Number(const char* name, double least, double most, double* to) {
    const TomlValue* const value = Take(name);
    if (!value) return {};
    if (!value->IsNumber()) return Mismatch(where_ + name, *value, "a number");
    if (!(value->real >= least && value->real <= most))
      return At(*value, Fmt("'%s%s' is %g, and must be from %g to %g", where_.c_str(), name, value->real, least, most));
    *to = value->real;
    return {};
  }
  Status Count(const char* name, size_t least, size_t most, size_t* to) {
    const TomlValue* const value = Take(name);
    if (!value) return {};
    if (value->kind != Kind::kInteger) return Mismatch(where_ + name, *value, "a whole number");
    if (value->integer < int64_t(least) || value->integer > int64_t(most))
      return At(*value, Fmt("'%s%s' is %lld, and must be from %zu to %zu", where_.c_str(), name,
                            static_cast<long long>(value->integer), least, most));
    *to = size_t(value->integer);
    return {};
  }
  Status Flag(const char* name, bool* to) {
    const TomlValue* const value = Take(name);
    if (!value) return {};
    if (value->kind != Kind::kBool) return Mismatch(where_ + name, *value, "true or false");
    *to = value->flag;
    return {};
  }
  Status Words(const char* name, std::vector<std::string>* to) {
    const TomlValue* const value = Take(name);
    if (!value) return {};
    if (value->kind != Kind::kList) return Mismatch(where_ + name, *value, "a list of texts");
    for (const TomlValue& item : value->items) {
      if (item.kind != Kind::kText) return Mismatch(where_ + name, item, "a list of texts");
      to->push_back(item.text);
    }
    return {};
  }
  Status NoOthers() const {
    for (const auto& [name, value] : table_.members) {
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      std::string all;
      for (const std::string& known : known_) all += (all.empty() ? "" : ", ") + known;
      return At(value, "unknown key '" + where_ + Printable(name) + "'; there are " + all);
    }
    return {};
  }

 private:
  const TomlValue& table_;
  const std::string where_;
  std::vector<std::string> known_;
};

Result<nlohmann::ordered_json> JsonOf(const TomlValue& value) {
  switch (value.kind) {
    case Kind::kBool:
      return nlohmann::ordered_json(value.flag);
    case Kind::kInteger:
      return nlohmann::ordered_json(value.integer);
    case Kind::kReal:
      if (!std::isfinite(value.real)) return At(value, "an example cannot hold infinity or NaN");
      return nlohmann::ordered_json(value.real);
    case Kind::kText:
    case Kind::kTime:
      return nlohmann::ordered_json(value.text);
    case Kind::kList: {
      auto list = nlohmann::ordered_json::array();
      for (const TomlValue& item : value.items) {
        TRY(auto json, JsonOf(item));
        list.push_back(std::move(json));
      }
      return list;
    }
    case Kind::kTable:
      break;
  }
  auto object = nlohmann::ordered_json::object();
  for (const auto& [name, member] : value.members) {
    TRY(auto json, JsonOf(member));
    object[name] = std::move(json);
  }
  return object;
}

std::string Dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

class TaskReader {
 public:
  explicit TaskReader(Task& task) : task_(task) {}

  Status Read(const TomlValue& root) {
    Keys keys(root, "");
    TRY_OK(keys.Text("name", &task_.name));
    TRY_OK(keys.Text("goal", &task_.goal));
    TRY_OK(keys.Text("signature", &task_.signature));
    TRY_OK(keys.Text("entry", &task_.entry));
    TRY_OK(keys.Words("run", &task_.run));
    TRY_OK(keys.Words("build", &task_.build));
    TRY_OK(ReadLanguage(keys));
    TRY_OK(keys.Text("source_name", &task_.source_name));
    TRY_OK(ReadProgram(keys));
    TRY_OK(ReadFiles(keys, "files", &task_.files));
    TRY_OK(ReadFiles(keys, "judge_files", &task_.judge_files));
    size_t seed = 0;
    TRY_OK(keys.Count("seed", 0, size_t(1) << 62, &seed));
    task_.seed = seed;
    TRY_OK(Section(keys, "budget", [this](Keys& k) { return ReadBudget(k); }));
    TRY_OK(Section(keys, "limits", [this](Keys& k) { return ReadLimits(k); }));
    TRY_OK(Section(keys, "propose", [this](Keys& k) { return ReadProposers(k); }));
    TRY_OK(Section(keys, "search", [this](Keys& k) { return ReadSearch(k); }));
    if (const TomlValue* const checks = keys.Take("check")) {
      if (checks->kind != Kind::kList) return Mismatch("check", *checks, "a list: write [[check]]");
      for (const TomlValue& check : checks->items) TRY_OK(ReadCheck(check));
    }
    return keys.NoOthers();
  }

 private:
  static Status Section(Keys& keys, const char* name, const std::function<Status(Keys&)>& read) {
    const TomlValue* const table = keys.Take(name);
    if (!table) return {};
    if (table->kind != Kind::kTable) return Mismatch(name, *table, "a table");
    Keys inner(*table, std::string(name) + ".");
    TRY_OK(read(inner));
    return inner.NoOthers();
  }

  Status ReadLanguage(Keys& keys) {
    const TomlValue* const value = keys.Take("language");
    if (!value) return {};
    if (value->kind != Kind::kText) return Mismatch("language", *value, "a text");
    if (const LanguageNames* const names = FindLanguage(value->text)) {
      task_.language = names->runner;
      return {};
    }
    std::string all = "text";
    for (const std::string_view name : sandbox::RunnerLanguages()) all.append(", ").append(name);
    return At(*value, "no language '" + Printable(value->text) + "'; there are " + all);
  }

  Result<std::string> FileText(const TomlValue& at, const std::string& name) {
    if (name.empty()) return At(at, "a file's name is empty");
    const fs::path path = fs::path(task_.folder) / name;
    std::error_code ignored;
    if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))  // a device may never end
      return At(at, "'" + Printable(name) + "' is not a regular file");
    auto text = ReadFile(path.string());
    if (!text) return Error{text.error().code, Fmt("line %zu: ", at.line) + text.error().what};
    return text;
  }

  // `seed` and `template` are files: programs deserve their own editor.
  Status ReadProgram(Keys& keys) {
    std::string name;
    TRY_OK(keys.Text("program", &name));
    if (!name.empty()) {
      TRY(task_.seed_program, FileText(*keys.Take("program"), name));
    }
    std::string outer;
    TRY_OK(keys.Text("template", &outer));
    if (outer.empty()) return {};
    TRY(const std::string text, FileText(*keys.Take("template"), outer));
    constexpr std::string_view kHole = "{{candidate}}";
    const size_t hole = text.find(kHole);
    if (hole == std::string::npos || text.find(kHole, hole + 1) != std::string::npos)
      return At(*keys.Take("template"), "'" + Printable(outer) + "' must say {{candidate}} exactly once");
    task_.template_before = text.substr(0, hole);
    task_.template_after = text.substr(hole + kHole.size());
    return {};
  }

  Status ReadFiles(Keys& keys, const char* key, std::vector<sandbox::File>* to) {
    std::vector<std::string> names;
    TRY_OK(keys.Words(key, &names));
    for (const std::string& name : names) {
      const fs::path path = fs::path(name).lexically_normal();
      if (path.is_absolute() || path.empty() || *path.begin() == "..")
        return At(*keys.Take(key), "'" + Printable(name) + "' does not lie below the task's folder");
      TRY(std::string bytes, FileText(*keys.Take(key), name));
      to->push_back({path.string(), std::move(bytes), false});
    }
    return {};
  }

  Status ReadBudget(Keys& keys) {
    TRY_OK(keys.Number("seconds", 0.01, 1e9, &task_.budget.seconds));
    TRY_OK(keys.Count("candidates", 1, size_t(1) << 60, &task_.budget.candidates));
    TRY_OK(keys.Count("tokens", 1, size_t(1) << 60, &task_.budget.tokens));
    return keys.Number("dollars", 1e-9, 1e9, &task_.budget.dollars);
  }

  Status ReadLimits(Keys& keys) {
    double megabytes = double(task_.limits.memory_bytes >> 20);
    TRY_OK(keys.Number("seconds", 0.001, 1e6, &task_.limits.wall_s));
    task_.limits.cpu_s = task_.limits.wall_s;
    TRY_OK(keys.Number("cpu_seconds", 0.001, 1e6, &task_.limits.cpu_s));
    TRY_OK(keys.Number("patience", 0, 1e6, &task_.patience_s));
    TRY_OK(keys.Number("megabytes", 1, 1e6, &megabytes));
    task_.limits.memory_bytes = size_t(megabytes) << 20;
    return keys.Count("processes", 1, 4096, &task_.limits.processes);
  }

  Status ReadProposers(Keys& keys) {
    ProposerSettings& p = task_.proposers;
    TRY_OK(keys.Text("model", &p.model));
    if (!p.model.empty()) p.model = (fs::path(task_.folder) / p.model).string();
    TRY_OK(keys.Text("upstream", &p.upstream));
    TRY_OK(keys.Text("upstream_model", &p.upstream_model));
    TRY_OK(keys.Text("key_env", &p.key_env));
    TRY_OK(keys.Number("dollars_per_million_in", 0, 1e6, &p.dollars_per_million_in));
    TRY_OK(keys.Number("dollars_per_million_out", 0, 1e6, &p.dollars_per_million_out));
    TRY_OK(keys.Number("temperature_low", 0, 10, &p.temperature_low));
    p.temperature_high = std::max(p.temperature_high, p.temperature_low);
    TRY_OK(keys.Number("temperature_high", p.temperature_low, 10, &p.temperature_high));
    TRY_OK(keys.Count("branches", 1, 1024, &p.branches));
    TRY_OK(keys.Count("max_tokens", 1, 1 << 20, &p.max_tokens));
    TRY_OK(keys.Number("timeout", 0.1, 1e5, &p.timeout_s));
    TRY_OK(keys.Count("retries", 0, 100, &p.retries));
    TRY_OK(keys.Flag("thinking", &p.thinking));
    TRY_OK(ReadConstraint(keys));
    TRY_OK(keys.Flag("mutate", &p.mutate));
    TRY_OK(keys.Number("numeric", 0, 1e6, &p.numeric));
    TRY_OK(keys.Number("structural", 0, 1e6, &p.structural));
    return {};
  }

  // What a model's answer may be: files but for the expression, which fits a line.
  Status ReadConstraint(Keys& keys) {
    ProposerSettings& p = task_.proposers;
    TRY_OK(keys.Text("regex", &p.regex));
    for (const auto& [name, to] : {std::pair("schema", &p.schema), std::pair("grammar", &p.grammar)}) {
      std::string file;
      TRY_OK(keys.Text(name, &file));
      if (!file.empty()) {
        TRY(*to, FileText(*keys.Take(name), file));
      }
    }
    const TomlValue* const last = keys.Take("regex") ? keys.Take("regex") : keys.Take("grammar");
    if (size_t(!p.schema.empty()) + !p.grammar.empty() + !p.regex.empty() > 1)
      return At(*last, "an answer is held to one of propose.schema, propose.grammar and propose.regex");
    return {};
  }

  Status ReadSearch(Keys& keys) {
    const TomlValue* const strategy = keys.Take("strategy");
    TRY_OK(keys.Text("strategy", &task_.search.strategy));
    static const std::unordered_set<std::string> kStrategies = {"best-of-n", "repair", "tree", "sweep", "islands", ""};
    if (!kStrategies.contains(task_.search.strategy))
      return At(*strategy,
                "no strategy '" + Printable(task_.search.strategy) + "'; there are best-of-n, repair, tree, sweep, islands");
    TRY_OK(keys.Count("width", 1, 1 << 16, &task_.search.width));
    return keys.Count("islands", 1, 1024, &task_.search.islands);
  }

  Status ReadExample(const TomlValue& example, bool held_out) {
    if (example.kind != Kind::kTable)
      return Mismatch("examples", example, "{input = […], output = …} or {stdin = \"…\", stdout = \"…\"}");
    Keys keys(example, "examples.");
    TaskCheck check;
    check.held_out = held_out;
    check.line = example.line;
    const TomlValue* const input = keys.Take("input");
    const TomlValue* const output = keys.Take("output");
    if (input) {
      if (input->kind != Kind::kList) return Mismatch("examples.input", *input, "the list of the function's arguments");
      if (!output) return At(example, "the example has an input and no output");
      TRY(const auto arguments, JsonOf(*input));
      TRY(const auto expected, JsonOf(*output));
      check.arguments = Dump(arguments);
      check.expected = Dump(expected);
    } else {
      check.kind = TaskCheckKind::kProcess;
      TRY_OK(keys.Text("stdin", &check.input));
      TRY_OK(keys.Words("arguments", &check.argv));
      check.any_output = !keys.Take("stdout");
      if (check.any_output) return At(example, "the example has neither input and output nor a stdout");
      TRY_OK(keys.Text("stdout", &check.expected));
    }
    TRY_OK(keys.NoOthers());
    task_.checks.push_back(std::move(check));
    return {};
  }

  Status ReadScore(Keys& keys, const TomlValue& table, TaskCheck& check) {
    std::string better;
    TRY_OK(keys.Text("score", &better));
    if (better != "raise" && better != "lower")
      return At(table, "'check.score' is '" + Printable(better) + "', and must be raise or lower");
    check.kind = TaskCheckKind::kScore;
    check.lower = better == "lower";
    double target = 0;
    TRY_OK(keys.Number("target", -1e300, 1e300, &target));
    if (keys.Take("target")) check.target = target;
    TRY_OK(keys.Count("batch", 1, 4096, &check.batch));
    if (check.batch > 1 && task_.language != "text")
      return At(table, "'check.batch' judges data; candidates in " + task_.language + " are run one by one");
    return keys.Text("stdin", &check.input);
  }

  // A program that reads what candidates printed: by the ending of its name.
  Status ReadJudge(Keys& keys, const TomlValue& at, TaskCheck& check) {
    static constexpr std::pair<std::string_view, const char*> kEndings[] = {
        {".py", "python"}, {".lua", "lua"}, {".sh", "sh"}, {".js", "node"}};
    for (const auto& [ending, language] : kEndings)
      if (at.text.ends_with(ending)) check.judge_language = language;
    if (check.judge_language.empty())
      return At(at, "'" + Printable(at.text) + "' is no .py, .lua, .sh or .js; write what else judges as a command");
    TRY(check.judge, FileText(at, at.text));
    return keys.Words("arguments", &check.argv);
  }

  Status ReadCheck(const TomlValue& table) {
    if (table.kind != Kind::kTable) return Mismatch("check", table, "a table: write [[check]]");
    Keys keys(table, "check.");
    TaskCheck check;
    check.line = table.line;
    TRY_OK(keys.Flag("held_out", &check.held_out));
    const TomlValue* const examples = keys.Take("examples");
    const TomlValue* const test = keys.Take("test");
    const TomlValue* const code = keys.Take("code");
    const TomlValue* const command = keys.Take("command");
    const TomlValue* const judge = keys.Take("judge");
    if (size_t(!!examples) + !!test + !!code + !!command + !!judge != 1)
      return At(table, "a check has exactly one of examples, test, code, command and judge");
    if (examples) {
      if (examples->kind != Kind::kList) return Mismatch("check.examples", *examples, "a list");
      for (const TomlValue& example : examples->items) TRY_OK(ReadExample(example, check.held_out));
      return keys.NoOthers();
    }
    if (judge) {
      if (judge->kind != Kind::kText) return Mismatch("check.judge", *judge, "a file's name");
      TRY_OK(ReadJudge(keys, *judge, check));
      TRY_OK(ReadScore(keys, table, check));
    } else if (command) {
      check.kind = TaskCheckKind::kCommand;
      TRY_OK(keys.Words("command", &check.command));
      if (check.command.empty()) return At(*command, "'check.command' is empty");
      if (keys.Take("score")) TRY_OK(ReadScore(keys, table, check));
    } else {
      check.kind = TaskCheckKind::kCode;
      if (task_.language != "python")
        return At(table, "'check.test' and 'check.code' are Python; use command for " + task_.language);
      TRY_OK(keys.Text("code", &check.code));
      std::string name;
      TRY_OK(keys.Text("test", &name));
      if (test) {
        TRY(check.code, FileText(*test, name));
      }
    }
    TRY_OK(keys.NoOthers());
    task_.checks.push_back(std::move(check));
    return {};
  }

  Task& task_;
};

}  // namespace

Result<Task> ParseTask(const std::string& text, const std::string& path) {
  Task task;
  task.path = path;
  task.text = text;
  std::error_code ignored;
  const fs::path absolute = fs::absolute(path, ignored);
  task.folder = absolute.parent_path().string();
  task.name = absolute.stem() == "task" ? absolute.parent_path().filename().string() : absolute.stem().string();
  const auto located = [&](const Error& e) { return Error{e.code, "'" + Printable(path, 200) + "', " + e.what}; };
  const auto toml = ParseToml(text);
  if (!toml) return located(toml.error());
  if (const Status status = TaskReader(task).Read(*toml); !status) return located(status.error());
  if (const Status status = FinishTask(task); !status) return located(status.error());
  return task;
}

Result<Task> ReadTask(const std::string& path) {
  if (NamesPublicTask(path)) return PublicTask(path);
  TRY(const std::string text, ReadFile(path));
  return ParseTask(text, path);
}

}  // namespace hasten::solve
