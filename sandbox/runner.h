// A candidate and its checks in, a verdict out: what a search uses. Every runner keeps something warm (an interpreter to fork,
// started processes), so make one a thread and use it for many candidates.
//
//   TRY(const auto runner, MakeRunner({.language = "python", .limits = {.wall_s = 2}}));
//   TRY(const RunResult r, runner->Run({.source = "def add(a, b):\n  return a - b\n"},
//                                      {{.kind = CheckKind::kCall, .function = "add", .arguments = "[1, 2]", .expected =
//                                      "3"}}));
//   r.verdict == Verdict::kWrong; r.message == "add(1, 2) gave -1 instead of 3"
//
// No forged verdicts: what is expected never enters the jail of the candidate. Calls and output are compared outside; code
// checks (asserts) run in a jail of their own that reaches the candidate's functions through a channel of plain values. A
// candidate passes only where each of its checks reported so; an early end, a silence or a printed "accepted" is no pass.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/file.h"
#include "sandbox/verdict.h"

namespace hasten::sandbox {

struct Candidate {
  std::string source;            // the program; for "native" the bytes of a shared object
  std::vector<File> files = {};  // what else lies in its folder; wiped after the run
};

enum class CheckKind : uint8_t {
  kCall,     // function(arguments) == expected
  kCode,     // statements that raise where the candidate is wrong: "assert add(1, 2) == 3"
  kProcess,  // the program as a whole: arguments and standard input in, standard output and exit code out
};

struct Check {
  CheckKind kind = CheckKind::kProcess;
  // kCall. Values are JSON; numbers compare by value (3 == 3.0), floats within 1e-9 relative, objects by members.
  std::string function = {};   // for "native" also its C signature: "gcd:i(ii)", see docs/jail.md
  std::string arguments = {};  // "[1, \"two\", [3]]"
  std::string expected = {};   // "3"
  // kCode, Python only. Sees the candidate's functions by name; imports of its own are fine. `function` may name the one under
  // test, which matters where that is also the name of a builtin (docs/jail.md).
  std::string code = {};
  // kProcess.
  std::string input = {};
  std::vector<std::string> argv = {};               // appended to the command
  std::optional<std::string> expected_output = {};  // none: any. Compared without trailing white space of lines and text
  int expected_exit = 0;
};

// A regular file that the candidate left in its folder. What is no regular file (symbolic links, pipes, …) is never followed:
// it is named in RunResult::refused.
struct RunResult {
  Verdict verdict = Verdict::kCrashed;
  size_t passed = 0;                    // checks that passed, in order; after the first that failed none is run
  std::string message = {};             // one line, fit for a repair prompt: what failed, how; empty when accepted
  std::string got = {}, expected = {};  // of the failed check, where it compares two values
  std::string forbidden = {};           // the system call, where the verdict is kForbidden
  int exit_code = 0;                    // of the program; 128 + signal where a signal ended it
  double wall_s = 0, cpu_s = 0;
  size_t peak_memory_bytes = 0;
  std::string out = {}, err = {};  // heads
  size_t out_bytes = 0, err_bytes = 0;
  std::vector<File> files = {};  // with RunnerOptions::collect_files
  std::vector<std::string> refused = {};
};

// A program that a command finds as {candidate} and may call as often as it likes: `arguments` and standard input in, what it
// printed and its exit code out. Called from another thread while the command runs.
struct CallAnswer {
  int exit_code = 0;
  std::string out = {}, err = {};
};
using CandidateCall = std::function<CallAnswer(std::vector<std::string> arguments, std::string input)>;

struct RunnerOptions {
  std::string language;                     // a name of RunnerLanguages()
  Limits limits = {};                       // for one Run
  bool jail = true;                         // false: no namespaces and no filter; only for what the user trusts (--no-jail)
  bool collect_files = false;               // return the files that the candidate leaves behind
  std::string interpreter = {};             // instead of the one on PATH
  std::vector<std::string> read_only = {};  // further files and folders that it may read, at the same path as outside
  // "command": the source is written to `source_name` in the candidate's folder, `build` runs once (where it is not empty)
  // under `build_limits`, then `command` for each check.
  std::string source_name = "main";
  std::vector<std::string> build = {}, command = {};
  bool keep_build = false;  // the same source again is not built again
  // "command": where {candidate} stands in `command` there is a program that ends up here, so that what judges and what is
  // judged share no jail.
  CandidateCall call = {};
  Limits build_limits = {.wall_s = 60, .cpu_s = 60, .memory_bytes = size_t(2) << 30};
};

// Safe to call from any thread; calls of one instance wait for each other. Several instances run side by side.
class Runner {
 public:
  virtual ~Runner() = default;
  // All checks in order until one fails; no checks: the program must run and end with 0. An Error means that the runner could
  // not run (kBadInput: this kind of check is not for this language), never that the candidate was bad.
  virtual Result<RunResult> Run(const Candidate& candidate, std::span<const Check> checks) = 0;
};

std::span<const std::string_view> RunnerLanguages();  // python lua sh node native sql command c c++

// kNotFound: no interpreter; kUnsupported: the kernel refuses the jail, with what to do.
Result<std::unique_ptr<Runner>> MakeRunner(RunnerOptions options);

}  // namespace hasten::sandbox
