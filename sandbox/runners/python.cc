// Python 3: candidates are forks of a warm interpreter. Code checks run in a second jail, the judge's, which reaches the
// candidate's functions over a socket: scripts/judge.py.
#include <nlohmann/json.hpp>

#include "sandbox/embedded.h"
#include "sandbox/runners/compare.h"
#include "sandbox/runners/runners.h"
#include "sandbox/runners/script.h"
#include "sandbox/view.h"
#include "text/json.h"

namespace hasten::sandbox {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kJudgeMemory = size_t(1) << 30;

class PythonRunner : public ScriptRunner {
 public:
  using ScriptRunner::ScriptRunner;

 protected:
  Status RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) override {
    if (checks[0].kind != CheckKind::kCode) return ScriptRunner::RunSome(candidate, checks, r);
    size_t n = 1;
    while (n < checks.size() && checks[n].kind == CheckKind::kCode) ++n;
    return RunCode(candidate, checks.first(n), r);
  }
  void Break() override {
    ScriptRunner::Break();
    EndJudge();
  }

 private:
  void EndJudge() {
    judge_channel_.Close();
    judge_.reset();
  }

  // One process for all candidates: it holds nothing of theirs, and no fork is faster than a fork.
  Status ReadyJudge() {
    if (judge_) return {};
    JailOptions jail_options = jail_options_;
    jail_options.limits.memory_bytes = kJudgeMemory;
    TRY(auto jail, Jail::Start(jail_options));
    TRY(auto ends, Channel::Pair());
    Limits limits;
    limits.wall_s = limits.cpu_s = 1e8;  // each request has its own; CPU is watched by way of the wall
    limits.output_bytes = size_t(1) << 40;
    limits.memory_bytes = kJudgeMemory;
    TRY_OK(jail->Begin({.kind = RunKind::kReturn, .limits = limits, .channel = ends.second.fd()}));
    judge_ = std::move(jail);
    judge_channel_ = std::move(ends.first);
    judge_channel_.Send(R"({"role": "judge"})");
    return {};
  }

  Status RunCode(const Candidate& candidate, std::span<const Check> checks, RunResult& r) {
    TRY_OK(ReadyJudge());
    const Limits limits = Left(r);
    TRY(Session session, Open(JobOf(candidate, limits)));
    session.channel.Send(FunctionsFrame(candidate.source));
    Json codes = Json::array();
    for (const Check& check : checks) codes.push_back(check.code);
    const Json request = {{"codes", codes}, {"entry", checks[0].function}};
    std::optional<std::string> frame;
    if (judge_channel_.SendDescriptor(session.channel.fd()) &&
        judge_channel_.Send(request.dump(-1, ' ', false, Json::error_handler_t::replace))) {
      session.channel.Close();
      frame = judge_channel_.Receive(kMaxAnswer, limits.wall_s + 2);
    }
    if (!frame) EndJudge();  // its own loop, or answers that broke it; the candidate's end goes with its socket
    Status status = ReadVerdict(frame, r);
    TRY_OK(Close(session, limits, r));
    return status;
  }

  static Status ReadVerdict(const std::optional<std::string>& frame, RunResult& r) {
    if (!frame) {
      r.verdict = Verdict::kTimedOut;
      r.message = "the checks did not end";
      return {};
    }
    TRY(const Json reply, ParseJson(*frame));
    const std::string kind = reply.value("kind", ""), message = Head(reply.value("message", ""), 1000);
    r.passed += reply.value("passed", size_t(0));
    r.message = message;
    if (kind == "broken") return Error{Code::kBadInput, message};
    if (kind == "wrong") r.verdict = Verdict::kWrong;
    if (kind == "crashed" || kind == "gone") r.verdict = Verdict::kCrashed;
    if (reply.value("type", "") == "MemoryError") r.verdict = Verdict::kOutOfMemory;
    return {};
  }

  std::unique_ptr<Jail> judge_;
  Channel judge_channel_;
};

}  // namespace

Result<std::unique_ptr<Runner>> MakePython(RunnerOptions options) {
  std::string program = FindProgram(options.interpreter.empty() ? "/usr/bin/python3" : options.interpreter);
  if (program.empty() && options.interpreter.empty()) program = FindProgram("python3");
  if (program.empty()) return Error{Code::kNotFound, "there is no Python 3; Debian's package is python3"};
  JailOptions jail = JailOptionsOf(options);
  for (Bind& bind : BindsOfProgram(program)) jail.binds.push_back(std::move(bind));
  for (const char* name : {"server.py", "judge.py", "values.py"}) jail.boot.push_back({name, std::string(Script(name))});
  jail.server = {program, "-s", "-B", "/boot/server.py"};
  jail.environment = {"PYTHONHASHSEED=0"};  // the same candidate gives the same answers
  return std::unique_ptr<Runner>(new PythonRunner(std::move(options), std::move(jail)));
}

}  // namespace hasten::sandbox
