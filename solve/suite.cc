#include "solve/suite.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "solve/sygus/solve.h"
#include "solve/table/read_task.h"
#include "solve/table/solve.h"
#include "solve/task/public_sets.h"

namespace hasten::solve {

namespace fs = std::filesystem;

static bool IsTask(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".sl" || ending == ".csv" || ending == ".tsv" || ending == ".jsonl" || path.filename() == "spec.json" ||
         IsProgramTask(path.string());
}

static bool MayHoldPublicTasks(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".jsonl" || ending == ".gz" || (ending == ".json" && path.filename() != "spec.json");
}

bool IsProgramTask(const std::string& path) { return path.ends_with(".toml") || NamesPublicTask(path); }

static void AddFile(const fs::path& path, std::vector<std::string>& tasks) {
  if (MayHoldPublicTasks(path)) {
    auto more = PublicTasksIn(path.string());
    if (!more.empty()) {
      tasks.insert(tasks.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
      return;
    }
  }
  if (IsTask(path)) tasks.push_back(path.string());
}

Result<std::vector<std::string>> FindTasks(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> tasks;
  if (fs::is_regular_file(folder, error)) {
    AddFile(folder, tasks);
  } else if (!fs::is_directory(folder, error)) {
    return Error{Code::kNotFound, "'" + folder + "' is not a folder"};
  } else if (tasks = PublicTasksIn(folder); tasks.empty()) {
    for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end; at != end;
         at.increment(error)) {
      if (error) break;
      if (at->is_regular_file(error)) {
        AddFile(at->path(), tasks);
      } else if (at->is_directory(error)) {
        auto more = PublicTasksIn(at->path().string());
        if (more.empty()) continue;
        at.disable_recursion_pending();
        tasks.insert(tasks.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
      }
    }
  }
  if (tasks.empty())
    return Error{Code::kBadInput,
                 "'" + folder + "' holds no task: .sl, spec.json, .csv, .tsv, .jsonl, .toml, HumanEval, MBPP or QuixBugs"};
  std::sort(tasks.begin(), tasks.end());
  return tasks;
}

static Result<TaskResult> SolveSygusTask(const std::string& path, const Budget& budget, size_t give) {
  TRY(const std::string text, ReadFile(path));
  TRY(SygusProblem problem, ParseSygus(text));
  const SygusAnswer answer = SolveSygus(problem, budget, give);
  TaskResult result;
  result.solved = answer.program.has_value();
  result.held_out_right = answer.held_out_right;
  result.seconds = answer.seconds;
  result.size = answer.size;
  result.candidates = answer.evaluated;
  result.program = answer.infeasible ? "infeasible" : answer.program.value_or("");
  return result;
}

static Result<TableTask> ReadTableTask(const std::string& path) {
  TRY(std::string text, ReadFile(path));
  if (fs::path(path).filename() == "spec.json") return TaskOfProse(text);
  TRY(const Table table, ReadTable(std::move(text), {{}, {}, path}));
  TRY(const size_t output, OutputColumn(table, ""));
  return TaskOfTable(table, output);
}

static Result<TaskResult> SolveTableTask(const std::string& path, const Budget& budget, size_t give) {
  TRY(const TableTask truth, ReadTableTask(path));
  TableTask task = truth;
  if (give) GiveOnly(task, give);
  TRY(const TableAnswer answer, SolveTable(task, budget));
  TaskResult result;
  result.solved = !answer.programs.empty();
  result.seconds = answer.seconds;
  result.candidates = answer.tried;
  if (result.solved) {
    result.size = SizeOf(answer.programs[0].program);
    result.program = Print(answer.programs[0].program, task.columns);
  }
  size_t given = 0, wanted = 0;
  bool right = result.solved;
  std::set<std::pair<std::vector<Cell>, Cell>> seen;
  for (size_t r = 0; r < truth.rows.size(); ++r) {
    const Row& row = truth.rows[r];
    if (row.want == Row::Want::kAsk) continue;
    wanted += seen.insert({row.cells, row.want == Row::Want::kText ? Cell(row.output) : Cell()}).second;
    given += task.rows[r].want != Row::Want::kAsk;
    right = right && Right(answer.programs[0].program, row);
  }
  if (wanted > given) result.held_out_right = right;
  return result;
}

TaskResult SolveTask(const std::string& path, const Budget& budget, size_t give) {
  const bool sygus = fs::path(path).extension() == ".sl";
  auto result = sygus ? SolveSygusTask(path, budget, give) : SolveTableTask(path, budget, give);
  if (result) return *std::move(result);
  TaskResult failed;
  failed.seconds = budget.Elapsed();
  failed.error = result.error().what;
  return failed;
}

}  // namespace hasten::solve
