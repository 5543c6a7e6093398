#include "cli/solve_suite.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "base/quote.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/solve_record.h"
#include "solve/suite.h"

namespace hasten {
namespace {

void PrintTask(const std::string& task, const solve::TaskResult& r, bool json) {
  if (!json) {
    const char* const verdict = !r.error.empty()                         ? "error"
                                : r.program == "infeasible"              ? "infeasible"
                                : !r.solved                              ? "unsolved"
                                : r.held_out_right && !*r.held_out_right ? "wrong"
                                                                         : "solved";
    std::printf("%-10s %6.2f s  %s  %s\n", verdict, r.seconds, task.c_str(),
                Printable(r.error.empty() ? r.program : r.error, 2000).c_str());
    return;
  }
  nlohmann::ordered_json line = {{"task", task},         {"solved", r.solved}, {"held_out_right", nullptr},
                                 {"seconds", r.seconds}, {"size", r.size},     {"candidates", r.candidates},
                                 {"program", r.program}};
  if (r.held_out_right) line["held_out_right"] = *r.held_out_right;
  if (!r.error.empty()) line["error"] = r.error;
  PrintJson(line);
}

// Tasks are handed out one by one; lines come in the order of the tasks' names whichever ends first.
class Suite {
 public:
  Suite(const SuiteOptions& options, std::vector<std::string> paths, TaskSolver* solver)
      : options_(options), paths_(std::move(paths)), solver_(solver), results_(paths_.size()) {}

  Exit Run() {
    Interrupt interrupt;
    Progress progress("solving");
    std::vector<std::jthread> workers;
    for (size_t i = 0; i < std::min(Workers(), paths_.size()); ++i) workers.emplace_back([this] { Work(); });
    while (printed_ < paths_.size() && !cancelled_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (Interrupt::Requested()) cancelled_ = true;
      progress.Set(double(done_) / double(paths_.size()), std::to_string(done_) + " of " + std::to_string(paths_.size()));
      PrintReady();
    }
    workers.clear();
    PrintReady();
    return cancelled_ ? Exit::kCancelled : Exit::kOk;
  }

  // What goes into the log: one run, with the programs that were right.
  FinishedSearch Record() const {
    FinishedSearch record;
    record.kind = "suite";
    record.file = options_.folder;
    record.settings = nlohmann::ordered_json({{"timeout", options_.timeout}, {"give", options_.give}}).dump();
    for (const auto& result : results_) {
      if (!result) continue;
      record.candidates += result->candidates;
      if (result->solved) record.programs.push_back(result->program);
    }
    return record;
  }

  void PrintTotals() const {
    size_t solved = 0, right = 0, held_out = 0;
    std::map<std::string, std::pair<size_t, size_t>> kinds;
    for (size_t i = 0; i < paths_.size(); ++i) {
      if (!results_[i]) continue;
      solved += results_[i]->solved;
      if (!results_[i]->held_out_right) continue;
      ++held_out;
      right += *results_[i]->held_out_right;
      auto& kind = kinds[KindOf(paths_[i])];
      kind.first += *results_[i]->held_out_right;
      ++kind.second;
    }
    std::printf("\n%zu tasks, %zu solved", paths_.size(), solved);
    if (held_out)
      std::printf("; of %zu with rows held out, %zu right (%.1f %%)", held_out, right,
                  100.0 * double(right) / double(held_out));
    std::printf("\n");
    if (kinds.size() < 2) return;
    for (const auto& [kind, count] : kinds) std::printf("  %-20s %3zu of %3zu\n", kind.c_str(), count.first, count.second);
  }

 private:
  // A local model is one engine: its tasks come one after the other, each with all threads.
  size_t Workers() const { return solver_->HasEngine() ? 1 : options_.threads; }

  // "DateTime" of …/DateTime.000003/spec.json.
  static std::string KindOf(const std::string& path) {
    const std::filesystem::path p(path);
    std::string name = (p.filename() == "spec.json" ? p.parent_path().filename() : p.filename()).string();
    if (const size_t mark = path.rfind('#'); mark != std::string::npos)
      name = std::filesystem::path(path.substr(0, mark)).filename().string();
    return name.substr(0, name.find('.'));
  }

  void Work() {
    for (size_t i; (i = next_++) < paths_.size() && !cancelled_;) {
      solve::Budget budget;
      budget.seconds = options_.timeout;
      budget.memory_bytes = options_.memory_bytes / options_.threads;
      budget.cancelled = &cancelled_;
      auto result = solve::IsProgramTask(paths_[i]) ? solver_->Solve(paths_[i], options_.threads / Workers(), &cancelled_)
                                                    : solve::SolveTask(paths_[i], budget, options_.give);
      const std::lock_guard lock(mutex_);
      results_[i] = std::move(result);
      ++done_;
    }
  }

  void PrintReady() {
    const std::lock_guard lock(mutex_);
    for (; printed_ < paths_.size() && results_[printed_]; ++printed_) {
      PrintTask(std::filesystem::path(paths_[printed_]).lexically_relative(options_.folder).string(), *results_[printed_],
                options_.json);
      std::fflush(stdout);
    }
  }

  const SuiteOptions& options_;
  const std::vector<std::string> paths_;
  TaskSolver* const solver_;
  std::mutex mutex_;  // results_
  std::vector<std::optional<solve::TaskResult>> results_;
  std::atomic<size_t> next_{0}, done_{0};
  std::atomic<bool> cancelled_{false};
  size_t printed_ = 0;
};

}  // namespace

Result<Exit> SolveSuite(const SuiteOptions& options, const Common& common) {
  TRY(std::vector<std::string> paths, solve::FindTasks(options.folder));
  TRY(auto log, options.log.Open());
  TaskFlags flags = options.task;
  if (!flags.seconds) flags.seconds = options.timeout;
  TRY(const auto solver, TaskSolver::Create(flags, common));
  Suite suite(options, std::move(paths), solver.get());
  const auto start = std::chrono::steady_clock::now();
  const Exit exit = suite.Run();
  if (!options.json) suite.PrintTotals();
  FinishedSearch record = suite.Record();
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  record.cancelled = exit == Exit::kCancelled;
  RecordSearch(log, record);
  return exit;
}

}  // namespace hasten
