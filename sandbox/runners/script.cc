#include "sandbox/runners/script.h"

#include <nlohmann/json.hpp>

#include "sandbox/embedded.h"
#include "sandbox/runners/compare.h"
#include "sandbox/runners/runners.h"
#include "sandbox/view.h"
#include "text/json.h"

namespace hasten::sandbox {

Job ScriptRunner::JobOf(const Candidate& candidate, const Limits& limits) const {
  return {.kind = RunKind::kReturn, .limits = limits, .files = candidate.files, .collect = options_.collect_files};
}

Result<ScriptRunner::Session> ScriptRunner::Open(Job job) {
  TRY(Jail* const jail, ReadyJail());
  TRY(auto ends, Channel::Pair());
  job.channel = ends.second.fd();
  TRY_OK(jail->Begin(job));
  return Session{jail, std::move(ends.first)};
}

Status ScriptRunner::Close(Session& session, const Limits& limits, RunResult& r) {
  session.channel.Close();  // a candidate that waits for the next request ends by this
  TRY(const Outcome outcome, session.jail->Finish());
  Add(outcome, r);
  Ended(outcome, limits, r);
  return Closed(session);
}

Result<Launch> ScriptRunner::LaunchProgram(const Candidate& candidate, const Check& check, const Limits& limits) {
  Job job = JobOf(candidate, limits);
  job.input = check.input;
  TRY(Session session, Open(std::move(job)));
  session.channel.Send(ProgramFrame(candidate.source, check.argv));
  Launch launch;
  if (const auto frame = session.channel.Receive(kMaxAnswer))  // only a failure is told; a plain end is a silence
    if (const auto reply = ParseJson(*frame); reply && reply->is_object() && reply->contains("error")) {
      launch.failure = Head(reply->value("error", nlohmann::ordered_json()).dump(), 500);
      launch.out_of_memory = reply->value("type", nlohmann::ordered_json()) == "MemoryError";
    }
  session.channel.Close();
  TRY(launch.outcome, session.jail->Finish());
  TRY_OK(Closed(session));
  return launch;
}

Status ScriptRunner::RunFunctions(const Candidate& candidate, std::span<const Check> checks, RunResult& r) {
  const Limits limits = Left(r);
  TRY(Session session, Open(JobOf(candidate, limits)));
  session.channel.Send(FunctionsFrame(candidate.source));
  Status status;
  if (const auto failure = Loaded(session.channel)) {
    r.verdict = failure->out_of_memory ? Verdict::kOutOfMemory : Verdict::kCrashed;
    r.message = failure->text;
  } else {
    status = RunCalls(session.channel, checks, r);
  }
  TRY_OK(Close(session, limits, r));
  return status;
}

Status ScriptRunner::RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) {
  const CheckKind kind = checks[0].kind;
  if (kind == CheckKind::kProcess)
    return RunProcess(checks[0], r,
                      [&](const Check& check, const Limits& limits) { return LaunchProgram(candidate, check, limits); });
  if (kind == CheckKind::kCode) return Error{Code::kBadInput, "code checks are for Python; use calls or the program's output"};
  size_t n = 1;
  while (n < checks.size() && checks[n].kind == kind) ++n;
  return RunFunctions(candidate, checks.first(n), r);
}

Result<std::unique_ptr<Runner>> MakeLua(RunnerOptions options) {
  const std::string program = FindProgram(options.interpreter.empty() ? "luajit" : options.interpreter);
  if (program.empty()) return Error{Code::kNotFound, "there is no LuaJIT; Debian's package is luajit"};
  JailOptions jail = JailOptionsOf(options);
  for (Bind& bind : BindsOfProgram(program)) jail.binds.push_back(std::move(bind));
  jail.boot = {{"server.lua", std::string(Script("server.lua"))}};
  jail.server = {program, "/boot/server.lua"};
  jail.serve_at_start = true;
  return std::unique_ptr<Runner>(new ScriptRunner(std::move(options), std::move(jail)));
}

}  // namespace hasten::sandbox
