#include "tests/solve/plain_runner.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/process.h"
#include "tests/support/support.h"

namespace hasten::solve {
namespace {

using sandbox::CheckKind;
using sandbox::RunResult;
using sandbox::Verdict;

constexpr char kCall[] = R"(
import json, sys
space = {'__name__': 'candidate'}
exec(compile(open('main').read(), 'candidate', 'exec'), space)
for arguments in sys.argv[2:]:
    print(json.dumps(space[sys.argv[1]](*json.loads(arguments))), flush=True)
)";
constexpr char kCode[] = R"(
import sys
space = {'__name__': 'candidate'}
exec(compile(open('main').read(), 'candidate', 'exec'), space)
for code in sys.argv[1:]:
    exec(compile(code, 'check', 'exec'), space)
    print('--- passed', flush=True)
)";

std::string Trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

class PlainRunner : public sandbox::Runner {
 public:
  explicit PlainRunner(sandbox::RunnerOptions options) : options_(std::move(options)) {}

  Result<RunResult> Run(const sandbox::Candidate& candidate, std::span<const sandbox::Check> checks) override {
    TempDir dir;
    const std::string source = options_.language == "command" ? options_.source_name : "main";
    WriteBytes(dir / source, candidate.source);
    for (const sandbox::File& file : candidate.files) {
      std::filesystem::create_directories(std::filesystem::path(dir / file.path).parent_path());
      WriteBytes(dir / file.path, file.bytes);
    }
    RunResult result;
    result.verdict = Verdict::kAccepted;
    if (!options_.build.empty()) {
      const ProcessResult built = Start(dir, options_.build, "");
      if (built.exit_code != 0) {
        result.verdict = Verdict::kCrashed;
        result.message = "the build failed: " + built.err;
        return result;
      }
    }
    size_t calls = 0;
    while (calls < checks.size() && checks[calls].kind == CheckKind::kCall) ++calls;
    if (calls > 0) RunCalls(dir, checks.first(calls), result);
    while (calls < checks.size() && checks[calls].kind == CheckKind::kCode) ++calls;
    if (calls > result.passed && result.verdict == Verdict::kAccepted)
      RunCodes(dir, checks.subspan(result.passed, calls - result.passed), result);
    for (size_t i = calls; i < checks.size() && result.verdict == Verdict::kAccepted; ++i) {
      One(dir, checks[i], result);
      result.passed += result.verdict == Verdict::kAccepted;
    }
    return result;
  }

 private:
  ProcessResult Start(const TempDir& dir, std::vector<std::string> command, const std::string& input) const {
    command.insert(
        command.begin(),
        {"sh", "-c", "cd \"$0\" && exec timeout -k 0.1 " + Fmt("%g", options_.limits.wall_s) + " \"$@\"", dir.path().string()});
    return RunProcess(command, {.input = input});
  }

  static void Take(const ProcessResult& run, RunResult& result) {
    result.out = run.out;
    result.err = run.err;
    result.exit_code = run.exit_code;
    result.verdict = run.exit_code == 124 ? Verdict::kTimedOut : run.exit_code != 0 ? Verdict::kCrashed : Verdict::kAccepted;
    if (run.exit_code != 0 && run.err.size() > 2)
      result.message = Trimmed(run.err.substr(run.err.rfind('\n', run.err.size() - 2) + 1));
  }

  // All calls in one process: starting Python is what costs.
  void RunCalls(const TempDir& dir, std::span<const sandbox::Check> checks, RunResult& result) const {
    std::vector<std::string> command = {"python3", "-S", "-c", kCall, checks[0].function};
    for (const sandbox::Check& check : checks) command.push_back(check.arguments);
    Take(Start(dir, command, ""), result);
    std::istringstream lines(result.out);
    for (const sandbox::Check& check : checks) {
      if (!std::getline(lines, result.got)) return;
      result.expected = check.expected;
      if (nlohmann::json::parse(result.got) != nlohmann::json::parse(check.expected)) {
        result.verdict = Verdict::kWrong;
        result.message = check.function + check.arguments + " gave " + result.got + " instead of " + check.expected;
        return;
      }
      ++result.passed;
    }
  }

  // All statements in one process: what one check defines the next may use.
  void RunCodes(const TempDir& dir, std::span<const sandbox::Check> checks, RunResult& result) const {
    std::vector<std::string> command = {"python3", "-S", "-c", kCode};
    for (const sandbox::Check& check : checks) command.push_back(check.code);
    Take(Start(dir, command, ""), result);
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) result.passed += line == "--- passed";
  }

  void One(const TempDir& dir, const sandbox::Check& check, RunResult& result) const {
    std::vector<std::string> command = options_.command;
    if (options_.language == "python") command = {"python3", "-S", "main"};
    if (options_.language == "sh") command = {"sh", "main"};
    command.insert(command.end(), check.argv.begin(), check.argv.end());
    const ProcessResult run = Start(dir, command, check.input);
    Take(run, result);
    if (run.exit_code != 0) return;
    result.got = Trimmed(run.out);
    if (check.expected_output && Trimmed(*check.expected_output) != result.got) {
      result.expected = *check.expected_output;
      result.verdict = Verdict::kWrong;
      result.message = "another output was expected";
    }
  }

  const sandbox::RunnerOptions options_;
};

}  // namespace

Result<std::unique_ptr<sandbox::Runner>> MakePlainRunner(sandbox::RunnerOptions options) {
  return std::unique_ptr<sandbox::Runner>(std::make_unique<PlainRunner>(std::move(options)));
}

}  // namespace hasten::solve
