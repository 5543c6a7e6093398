// Programs as processes: any command, compiled C and C++, POSIX shell (forked at the door), SQL (in the warden's own child).
#include "sandbox/embedded.h"
#include "sandbox/runners/compare.h"
#include "sandbox/runners/door.h"
#include "sandbox/runners/jailed.h"
#include "sandbox/runners/runners.h"
#include "sandbox/view.h"

namespace hasten::sandbox {
namespace {

constexpr std::string_view kCandidate = "{candidate}";

Error OnlyProcess(const char* what) {
  return {Code::kBadInput, std::string(what) + " is judged by input, output and exit code"};
}

// Builds once, then runs for each check; the folder is wiped when the candidate is through.
class CommandRunner : public JailedRunner {
 public:
  CommandRunner(RunnerOptions options, JailOptions jail, std::unique_ptr<Door> door)
      : JailedRunner(std::move(options), std::move(jail)), door_(std::move(door)) {}

 protected:
  Status RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) override {
    TRY(Jail* const jail, ReadyJail());
    std::vector<File> files = candidate.files;
    files.push_back({options_.source_name, candidate.source, true});
    if (!options_.build.empty()) TRY_OK(Build(*jail, files, r));
    std::jthread answering;
    if (door_) answering = door_->Answer(options_.call);
    Status status;
    for (size_t i = 0; i < checks.size() && r.verdict == Verdict::kAccepted && status; ++i) {
      if (checks[i].kind != CheckKind::kProcess)
        status = OnlyProcess("a command");
      else
        status = RunProcess(checks[i], r, [&](const Check& check, const Limits& limits) {
          return LaunchCommand(*jail, std::exchange(files, {}), check, limits);
        });
    }
    TRY_OK(jail->Wipe());
    return status;
  }

 private:
  // Leaves `files` as what is still to be written into the folder.
  Status Build(Jail& jail, std::vector<File>& files, RunResult& r) {
    if (options_.keep_build && built_ && built_->source == files.back().bytes) {
      files = built_->files;
      return {};
    }
    const std::string source = options_.keep_build ? files.back().bytes : std::string();
    const Limits& limits = options_.build_limits;
    TRY(Outcome built, jail.Run({.limits = limits,
                                 .argv = options_.build,
                                 .files = std::exchange(files, {}),
                                 .collect = options_.keep_build,
                                 .wipe = false}));
    if (built.end == RunEnd::kExited && built.status == 0) {
      if (options_.keep_build) built_ = Built{source, std::move(built.files)};
      return {};
    }
    Add(built, r);
    r.verdict = Verdict::kCrashed;
    if (!Ended(built, limits, r)) r.message = "it does not build: " + Head(FirstError(built.err), 500);
    return {};
  }

  static std::string FirstError(const std::string& text) {
    const size_t at = text.find("error");
    if (at == text.npos) return LastLine(text);
    const size_t start = text.rfind('\n', at), end = text.find('\n', at);
    return text.substr(start == text.npos ? 0 : start + 1,
                       (end == text.npos ? text.size() : end) - (start == text.npos ? 0 : start + 1));
  }

  Result<Launch> LaunchCommand(Jail& jail, std::vector<File> files, const Check& check, const Limits& limits) {
    Job job{.limits = limits, .argv = options_.command, .input = check.input, .files = std::move(files)};
    job.collect = options_.collect_files;
    job.wipe = false;
    job.argv.insert(job.argv.end(), check.argv.begin(), check.argv.end());
    for (std::string& word : job.argv)
      for (size_t at = 0; door_ && (at = word.find(kCandidate, at)) != std::string::npos;)
        word.replace(at, kCandidate.size(), jail.boot() + "/candidate");
    Launch launch;
    TRY(launch.outcome, jail.Run(job));
    return launch;
  }

  struct Built {
    std::string source;
    std::vector<File> files;
  };
  const std::unique_ptr<Door> door_;
  std::optional<Built> built_;  // the last one, with RunnerOptions::keep_build
};

// A shell that was loaded and linked, forked before its main(): it reads the script as if just started.
class ShellRunner : public JailedRunner {
 public:
  using JailedRunner::JailedRunner;

 protected:
  Status RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) override {
    if (checks[0].kind != CheckKind::kProcess) return OnlyProcess("a shell script");
    TRY(Jail* const jail, ReadyJail());
    return RunProcess(checks[0], r, [&](const Check& check, const Limits& limits) -> Result<Launch> {
      Job job{.kind = RunKind::kReturn, .limits = limits, .input = check.input, .files = candidate.files};
      job.files.push_back({"main.sh", candidate.source});
      job.collect = options_.collect_files;
      if (!check.argv.empty()) {  // its arguments are fixed when it is loaded
        job.kind = RunKind::kExec;
        job.argv = {"sh", "main.sh"};
        job.argv.insert(job.argv.end(), check.argv.begin(), check.argv.end());
      }
      Launch launch;
      TRY(launch.outcome, jail->Run(job));
      return launch;
    });
  }
};

class SqlRunner : public JailedRunner {
 public:
  using JailedRunner::JailedRunner;

 protected:
  Status RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) override {
    if (checks[0].kind != CheckKind::kProcess) return OnlyProcess("SQL");
    TRY(Jail* const jail, ReadyJail());
    TRY_OK(RunProcess(checks[0], r, [&](const Check& check, const Limits& limits) -> Result<Launch> {
      Job job{.kind = RunKind::kSql, .limits = limits, .input = check.input, .source = candidate.source};
      Launch launch;
      TRY(launch.outcome, jail->Run(job));
      return launch;
    }));
    if (r.exit_code == 2) return Error{Code::kBadInput, "the set-up of a check fails: " + LastLine(r.err)};
    if (r.verdict == Verdict::kWrong && r.exit_code == 1) {
      r.verdict = Verdict::kCrashed;
      r.message = LastLine(r.err);
    }
    return {};
  }
};

template <class T>
std::unique_ptr<Runner> Make(RunnerOptions options, JailOptions jail) {
  return std::make_unique<T>(std::move(options), std::move(jail));
}

}  // namespace

Result<std::unique_ptr<Runner>> MakeShell(RunnerOptions options) {
  const std::string program = FindProgram(options.interpreter.empty() ? "/bin/sh" : options.interpreter);
  if (program.empty()) return Error{Code::kNotFound, "there is no shell at /bin/sh"};
  JailOptions jail = JailOptionsOf(options);
  for (Bind& bind : BindsOfProgram(program)) jail.binds.push_back(std::move(bind));
  jail.server = {program, "main.sh"};
  jail.serve_at_start = true;
  return Make<ShellRunner>(std::move(options), std::move(jail));
}

Result<std::unique_ptr<Runner>> MakeSql(RunnerOptions options) {
  JailOptions jail = JailOptionsOf(options);
  return Make<SqlRunner>(std::move(options), std::move(jail));
}

Result<std::unique_ptr<Runner>> MakeCommand(RunnerOptions options) {
  if (options.language != "command") {
    const bool plus = options.language == "c++";
    std::string compiler = options.interpreter.empty() ? plus ? "g++" : "gcc" : options.interpreter;
    if (FindProgram(compiler).empty()) return Error{Code::kNotFound, "there is no compiler '" + compiler + "'"};
    options.source_name = plus ? "main.cc" : "main.c";
    options.build = {compiler, "-O2", plus ? "-std=c++20" : "-std=c17", "-o", "main", options.source_name, "-lm"};
    options.command = {"./main"};
  }
  if (options.command.empty()) return Error{Code::kBadInput, "a command runner needs a command"};
  JailOptions jail = JailOptionsOf(options);
  if (!options.build.empty()) {
    jail.limits.file_bytes = std::max(jail.limits.file_bytes, options.build_limits.file_bytes);
    jail.limits.memory_bytes = std::max(jail.limits.memory_bytes, options.build_limits.memory_bytes);
  }
  for (const auto& words : {options.build, options.command})
    if (const std::string program = words.empty() ? "" : FindProgram(words[0]); !program.empty() && !words[0].starts_with("./"))
      for (Bind& bind : BindsOfProgram(program)) jail.binds.push_back(std::move(bind));
  std::unique_ptr<Door> door;
  if (options.call) {
    TRY(door, Door::Open());
    jail.boot.push_back({"candidate", std::string(CallerProgram()), true});
    jail.binds.push_back({door->socket(), "/boot/candidate.sock"});
  }
  return std::unique_ptr<Runner>(new CommandRunner(std::move(options), std::move(jail), std::move(door)));
}

}  // namespace hasten::sandbox
