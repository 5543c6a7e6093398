#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/quote.h"
#include "solve/judge/candidate_calls.h"
#include "solve/judge/judge.h"
#include "solve/log/digest.h"
#include "text/json.h"

namespace hasten::solve {

std::optional<Judged> OutputMemory::Find(uint64_t digest) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(digest);
  if (found == known_.end()) return {};
  return found->second;
}

void OutputMemory::Keep(uint64_t digest, const Judged& judged) {
  constexpr size_t kMost = 1 << 18;  // some hundred megabytes at the very most; the oldest round is then judged again
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMost) known_.clear();
  known_.emplace(digest, judged);
}

namespace {

// A command with the name of the candidate's file in the place of `mark`.
std::vector<std::string> Naming(std::vector<std::string> command, std::string_view mark, const std::string& file) {
  for (std::string& word : command)
    for (size_t at = 0; (at = word.find(mark, at)) != std::string::npos; at += file.size()) word.replace(at, mark.size(), file);
  return command;
}
constexpr std::string_view kCandidate = "{candidate}", kSource = "{source}";

// The last line that says something.
std::string_view LastLine(std::string_view text) {
  const size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const size_t begin = text.rfind('\n');
  return begin == std::string_view::npos ? text : text.substr(begin + 1);
}

// What a judge printed of one candidate: a number, or {"score": 2.5, "behaviour": "…", "message": "…"}.
Judged ReadScore(std::string_view line, const TaskCheck& check) {
  Judged judged;
  const auto json = ParseJson(line, 8);
  const nlohmann::ordered_json* score = nullptr;
  if (json && json->is_number()) score = &*json;
  if (json && json->is_object()) {
    if (const auto found = json->find("score"); found != json->end()) score = &*found;
    if (const auto found = json->find("behaviour"); found != json->end())
      judged.behaviour = found->is_string() ? found->get<std::string>() : found->dump(-1, ' ', true);
    if (const auto found = json->find("message"); found != json->end() && found->is_string())
      judged.feedback = found->get<std::string>();
  }
  if (score && score->is_number() && std::isfinite(score->get<double>())) {
    judged.score = score->get<double>();
    const bool reached = check.target && (check.lower ? *judged.score <= *check.target : *judged.score >= *check.target);
    judged.solved = reached;
    judged.verdict = reached ? "accepted" : "scored";
    if (judged.feedback.empty()) judged.feedback = Fmt("the score is %.10g", *judged.score);
    return judged;
  }
  judged.verdict = "wrong";
  if (judged.feedback.empty()) judged.feedback = "the judge gave no score; its last line is '" + Printable(line, 200) + "'";
  return judged;
}

class Cascade : public Judge {
 public:
  Cascade(const Task& task, RunnerMaker make_runner, OutputMemory& memory)
      : task_(task), make_runner_(std::move(make_runner)), memory_(memory) {
    for (const TaskCheck& check : task_.checks) counted_ += !check.held_out && check.kind != TaskCheckKind::kScore;
  }

  size_t batch() const override {
    const TaskCheck* const score = task_.Score();
    return score && counted_ == 0 ? score->batch : 1;
  }

  Result<std::vector<Judged>> Run(std::span<const std::string* const> candidates) override {
    if (batch() > 1) return RunBatch(candidates);
    std::vector<Judged> all;
    for (const std::string* candidate : candidates) {
      TRY(Judged judged, RunOne(*candidate));
      all.push_back(std::move(judged));
    }
    return all;
  }

 private:
  Result<Judged> RunOne(const std::string& candidate) {
    Judged total;
    total.checks = counted_;
    total.verdict = "accepted";
    total.solved = true;
    for (const bool held_out : {false, true}) {
      TRY(const bool called, RunDirect(candidate, held_out, total));
      if (!called) return total;
      TRY(const bool commanded, RunCommands(candidate, held_out, total));
      if (!commanded) return total;
      TRY(const bool scored, RunScores(candidate, held_out, total));
      if (!scored) return total;
    }
    return total;
  }

  // Takes over what a run cost, and why it failed where it did.
  void Add(const sandbox::RunResult& r, bool held_out, Judged& total) {
    total.cpu_s += r.cpu_s;
    total.wall_s += r.wall_s;
    total.memory_bytes = std::max(total.memory_bytes, r.peak_memory_bytes);
    if (!held_out) total.passed += r.passed;
    if (r.verdict == sandbox::Verdict::kAccepted) return;
    total.solved = false;
    if (held_out) {  // the search must not learn from it
      total.verdict = "held out";
      total.feedback = "a check that is held out failed";
      return;
    }
    total.verdict = sandbox::VerdictName(r.verdict);
    total.feedback = r.message;
    total.got = r.got;
    total.expected = r.expected;
    total.behaviour = DigestText(Digest(r.got + '\0' + r.message, Digest(total.verdict, total.passed)));
  }

  // Examples, tests and whole runs, in one go on a warm runner.
  Result<bool> RunDirect(const std::string& candidate, bool held_out, Judged& total) {
    std::vector<sandbox::Check> checks;
    for (const TaskCheck& check : task_.checks) {
      if (check.held_out != held_out || check.kind > TaskCheckKind::kProcess) continue;
      sandbox::Check to;
      if (check.kind == TaskCheckKind::kCall) {
        to.kind = sandbox::CheckKind::kCall;
        to.function = task_.entry;
        to.arguments = check.arguments;
        to.expected = check.expected;
      } else if (check.kind == TaskCheckKind::kCode) {
        to.kind = sandbox::CheckKind::kCode;
        to.function = task_.entry;
        to.code = check.code;
      } else {
        to.input = check.input;
        to.argv = check.argv;
        if (!check.any_output) to.expected_output = check.expected;
      }
      checks.push_back(std::move(to));
    }
    if (checks.empty()) return true;
    const sandbox::Candidate program = {task_.Program(candidate), task_.files};
    if (task_.patience_s > 0) {
      TRY(sandbox::Runner* const quick, QuickRunner());
      TRY(const sandbox::RunResult r, quick->Run(program, checks));
      const bool promising = r.passed > memory_.first_passed.load(std::memory_order_relaxed);
      if (r.verdict != sandbox::Verdict::kTimedOut || !promising) {
        Add(r, held_out, total);
        return r.verdict == sandbox::Verdict::kAccepted;
      }
    }
    TRY(sandbox::Runner* const runner, CandidateRunner());
    TRY(const sandbox::RunResult r, runner->Run(program, checks));
    Add(r, held_out, total);
    return r.verdict == sandbox::Verdict::kAccepted;
  }

  // A command judges in a jail of its own, where {candidate} is a program whose calls run in the candidate's jail.
  Result<bool> RunCommands(const std::string& candidate, bool held_out, Judged& total) {
    const sandbox::Candidate program = {task_.Program(candidate), task_.files};
    const bool calls = task_.language != "text";
    for (size_t i = 0; i < task_.checks.size(); ++i) {
      const TaskCheck& check = task_.checks[i];
      if (check.held_out != held_out || check.kind != TaskCheckKind::kCommand) continue;
      TRY(sandbox::Runner* const runner, CommandRunner(i, check.command, calls));
      if (calls) {
        TRY(sandbox::Runner* const called, CandidateRunner());
        calls_.Begin(*called, program, task_.limits);
      }
      const sandbox::Check exit_code = {.kind = sandbox::CheckKind::kProcess};
      TRY(sandbox::RunResult r, runner->Run({program.source, JudgeFiles()}, {&exit_code, 1}));
      if (calls && calls_.failure()) return *calls_.failure();
      const bool passed = r.verdict == sandbox::Verdict::kAccepted;
      if (!passed) r.message += WhatItSaid(r);
      if (calls) AddCalls(r);
      Add(r, held_out, total);
      if (!passed) return false;
    }
    return true;
  }

  // Why it was not content: diff says it on standard output, an assertion on standard error.
  static std::string WhatItSaid(const sandbox::RunResult& r) {
    std::string said;
    for (const std::string* const text : {&r.out, &r.err})
      if (!text->empty()) said += "\n" + text->substr(0, 2000);
    return said;
  }

  void AddCalls(sandbox::RunResult& r) const {
    const sandbox::RunResult& spent = calls_.spent();
    r.cpu_s += spent.cpu_s;  // its wall time has passed while the command waited
    r.peak_memory_bytes = std::max(r.peak_memory_bytes, spent.peak_memory_bytes);
    if (r.verdict != sandbox::Verdict::kAccepted && !calls_.trouble().empty())
      r.message = "the candidate " + calls_.trouble() + "; " + r.message;
  }

  // The candidate runs in one jail, what judges its output in another: it cannot print its own score.
  Result<bool> RunScores(const std::string& candidate, bool held_out, Judged& total) {
    for (size_t i = 0; i < task_.checks.size(); ++i) {
      const TaskCheck& check = task_.checks[i];
      if (check.held_out != held_out || check.kind != TaskCheckKind::kScore) continue;
      std::string output = candidate;
      if (task_.language != "text") {
        TRY(sandbox::Runner* const runner, CandidateRunner());
        const sandbox::Check run = {.kind = sandbox::CheckKind::kProcess, .input = check.input};
        TRY(sandbox::RunResult r, runner->Run({task_.Program(candidate), task_.files}, {&run, 1}));
        r.passed = 0;
        Add(r, held_out, total);
        if (r.verdict != sandbox::Verdict::kAccepted) return false;
        output = std::move(r.out);
      }
      TRY(const Judged scored, ScoreOutput(i, output));
      Combine(scored, held_out, total);
      if (held_out && !total.solved) return false;
    }
    return true;
  }

  Result<Judged> ScoreOutput(size_t index, const std::string& output) {
    const uint64_t digest = Digest(output, index);
    if (const auto known = memory_.Find(digest)) return *known;
    TRY(const sandbox::RunResult r, RunJudge(index, output));
    const bool failed = r.verdict != sandbox::Verdict::kAccepted;
    Judged judged = failed ? JudgeFailed(r) : ReadScore(LastLine(r.out), task_.checks[index]);
    memory_.Keep(digest, judged);  // without what it cost: who prints the same again pays nothing
    judged.cpu_s = r.cpu_s;
    judged.wall_s = r.wall_s;
    return judged;
  }

  // What judges reads `input`, in a jail of its own.
  Result<sandbox::RunResult> RunJudge(size_t index, const std::string& input) {
    const TaskCheck& check = task_.checks[index];
    const sandbox::Check run = {.kind = sandbox::CheckKind::kProcess, .input = input, .argv = check.argv};
    sandbox::Runner* runner = nullptr;
    if (check.judge.empty()) {
      TRY(runner, CommandRunner(index, check.command, false));
    } else {
      sandbox::RunnerOptions options;
      options.language = check.judge_language;
      options.limits = JudgeLimits();
      TRY(runner, Keep(index, std::move(options)));
    }
    return runner->Run({check.judge, JudgeFiles()}, {&run, 1});
  }

  // The judge waits for what it calls, so it gets as much again.
  sandbox::Limits JudgeLimits(bool calls = false) const {
    sandbox::Limits limits = task_.limits;
    if (calls) limits.wall_s *= 2;
    limits.head_bytes = limits.output_bytes;  // a batch's lines are all needed
    return limits;
  }

  void Combine(const Judged& scored, bool held_out, Judged& total) {
    total.cpu_s += scored.cpu_s;
    total.wall_s += scored.wall_s;
    total.solved = total.solved && scored.solved;
    if (held_out) {
      if (!scored.solved) {
        total.verdict = "held out";
        total.feedback = "a check that is held out failed";
      }
      return;
    }
    total.verdict = scored.verdict;
    total.score = scored.score;
    total.feedback = scored.feedback;
    total.behaviour = scored.behaviour;
  }

  // A judge may trip over what a candidate printed; whether it ever gives a score is for the run to see.
  static Judged JudgeFailed(const sandbox::RunResult& r) {
    Judged judged;
    judged.verdict = kJudgeFailed;
    judged.feedback = "what scores could not read the output: it " +
                      (r.verdict == sandbox::Verdict::kWrong ? "failed" : std::string(sandbox::VerdictName(r.verdict))) + ", " +
                      Printable(r.message, 200);
    if (!r.err.empty()) judged.feedback += "; it said: " + Printable(LastLine(r.err), 200);
    return judged;
  }

  Result<std::vector<Judged>> RunBatch(std::span<const std::string* const> candidates) {
    size_t index = 0;
    while (task_.checks[index].kind != TaskCheckKind::kScore || task_.checks[index].held_out) ++index;
    const TaskCheck& check = task_.checks[index];
    std::string input;
    for (const std::string* candidate : candidates)
      input += nlohmann::json(*candidate).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
    TRY(const sandbox::RunResult r, RunJudge(index, input));
    if (r.verdict != sandbox::Verdict::kAccepted) return ApartFrom(r, candidates);
    std::vector<Judged> all;
    for (size_t begin = 0; begin < r.out.size() && all.size() < candidates.size();) {
      const size_t end = std::min(r.out.find('\n', begin), r.out.size());
      all.push_back(ReadScore(std::string_view(r.out).substr(begin, end - begin), check));
      all.back().cpu_s = r.cpu_s / double(candidates.size());
      all.back().wall_s = r.wall_s / double(candidates.size());
      all.back().memory_bytes = r.peak_memory_bytes;
      begin = end + 1;
    }
    if (all.size() < candidates.size())
      return Error{Code::kBadInput,
                   Fmt("the command that scores printed %zu lines for %zu candidates; it must print one for each", all.size(),
                       candidates.size())};
    return all;
  }

  // Halves of a batch that the judge tripped over, until it is known over which candidate.
  Result<std::vector<Judged>> ApartFrom(const sandbox::RunResult& failed, std::span<const std::string* const> candidates) {
    if (candidates.size() == 1) return std::vector{JudgeFailed(failed)};
    TRY(std::vector<Judged> all, RunBatch(candidates.first(candidates.size() / 2)));
    TRY(const std::vector<Judged> rest, RunBatch(candidates.subspan(candidates.size() / 2)));
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }

  std::vector<sandbox::File> JudgeFiles() const {
    std::vector<sandbox::File> files = task_.files;
    files.insert(files.end(), task_.judge_files.begin(), task_.judge_files.end());
    return files;
  }

  Result<sandbox::Runner*> Keep(size_t key, sandbox::RunnerOptions options) {
    auto& runner = runners_[key];
    if (!runner) {
      TRY(runner, make_runner_(std::move(options)));
    }
    return runner.get();
  }

  Result<sandbox::Runner*> CandidateRunner() { return Keep(kCandidateKey, CandidateOptions()); }

  // One that loses patience early.
  Result<sandbox::Runner*> QuickRunner() {
    sandbox::RunnerOptions options = CandidateOptions();
    options.limits.cpu_s = std::min(options.limits.cpu_s, task_.patience_s);
    return Keep(kQuickKey, std::move(options));
  }

  sandbox::RunnerOptions CandidateOptions() const {
    sandbox::RunnerOptions options;
    options.language = task_.language;
    options.limits = task_.limits;
    options.limits.head_bytes = options.limits.output_bytes;  // whoever reads its output reads all of it
    options.keep_build = true;
    if (!task_.run.empty()) {
      options.language = "command";
      options.source_name = task_.source_name;
      options.build = Naming(task_.build, kCandidate, task_.source_name);
      options.command = Naming(task_.run, kCandidate, task_.source_name);
    }
    return options;
  }

  // In the jail of what judges: {source} is a file that holds the candidate, and so is {candidate} where it cannot be called.
  Result<sandbox::Runner*> CommandRunner(size_t index, const std::vector<std::string>& command, bool calls) {
    sandbox::RunnerOptions options;
    options.language = "command";
    options.limits = JudgeLimits(calls);
    options.source_name = task_.source_name;
    options.command = Naming(command, kSource, task_.source_name);
    if (calls)
      options.call = [this](auto arguments, auto input) { return calls_.Answer(std::move(arguments), std::move(input)); };
    else
      options.command = Naming(std::move(options.command), kCandidate, task_.source_name);
    return Keep(index, std::move(options));
  }

  static constexpr size_t kCandidateKey = size_t(-1), kQuickKey = size_t(-2);
  const Task& task_;
  const RunnerMaker make_runner_;
  OutputMemory& memory_;
  size_t counted_ = 0;
  CandidateCalls calls_;
  std::map<size_t, std::unique_ptr<sandbox::Runner>> runners_;  // by check, or one of the keys above
};

}  // namespace

std::unique_ptr<Judge> MakeCascade(const Task& task, RunnerMaker make_runner, OutputMemory& memory) {
  return std::make_unique<Cascade>(task, std::move(make_runner), memory);
}

}  // namespace hasten::solve
