#include "sandbox/runners/jailed.h"

#include <sys/wait.h>

#include <algorithm>
#include <filesystem>

#include "sandbox/runners/compare.h"

namespace hasten::sandbox {

JailOptions JailOptionsOf(const RunnerOptions& options) {
  JailOptions jail{.jail = options.jail, .limits = options.limits};
  for (const std::string& path : options.read_only) {
    std::error_code missing;  // then the jail's own refusal names it
    const auto real = std::filesystem::canonical(path, missing);
    jail.binds.push_back({missing ? path : real.string(), std::filesystem::absolute(path).lexically_normal().string()});
  }
  return jail;
}

Result<RunResult> JailedRunner::Run(const Candidate& candidate, std::span<const Check> checks) {
  const std::lock_guard lock(mutex_);
  static const Check kPlain;
  if (checks.empty()) checks = {&kPlain, 1};
  RunResult r;
  r.verdict = Verdict::kAccepted;
  while (r.passed < checks.size()) {
    const size_t before = r.passed;
    const Status status = RunSome(candidate, checks.subspan(r.passed), r);
    if (!status) {
      Break();
      if (status.error().code != Code::kBug) return status.error();
      r.verdict = Verdict::kCrashed;  // the jail went down with it
      r.message = status.error().what;
    }
    if (r.verdict != Verdict::kAccepted) return r;
    if (r.passed == before) return Error{Code::kBug, "a runner made no progress"};
  }
  return r;
}

Result<Jail*> JailedRunner::ReadyJail() {
  if (!jail_) {
    TRY(jail_, Jail::Start(jail_options_));
  }
  return jail_.get();
}

Limits JailedRunner::Left(const RunResult& r) const {
  Limits left = options_.limits;
  left.wall_s = std::max(0.001, left.wall_s - r.wall_s);
  left.cpu_s = std::max(0.001, left.cpu_s - r.cpu_s);
  return left;
}

Limits JailedRunner::LimitsOf(const Check& check, const RunResult& r) const {
  Limits limits = Left(r);
  if (check.expected_output) limits.head_bytes = std::max(limits.head_bytes, 2 * check.expected_output->size() + 4096);
  return limits;
}

void JailedRunner::Add(const Outcome& o, RunResult& r) {
  r.wall_s += o.wall_s;
  r.cpu_s += o.cpu_s;
  r.peak_memory_bytes = std::max(r.peak_memory_bytes, o.peak_memory_bytes);
  r.exit_code = o.exit_code();
  r.out = o.out;
  r.err = o.err;
  r.out_bytes = o.out_bytes;
  r.err_bytes = o.err_bytes;
  r.files = o.files;
  r.refused = o.refused;
  r.forbidden = o.forbidden;
}

bool JailedRunner::Ended(const Outcome& o, const Limits& limits, RunResult& r) {
  if (o.end == RunEnd::kExited) return false;
  r.verdict = VerdictOf(o);
  r.message = Explain(o, limits);
  return true;
}

void JailedRunner::JudgeProcess(const Check& check, const Launch& launch, const Limits& limits, RunResult& r) {
  const Outcome& o = launch.outcome;
  Add(o, r);
  if (Ended(o, limits, r)) return;
  if (launch.failure) {
    r.verdict = launch.out_of_memory ? Verdict::kOutOfMemory : Verdict::kCrashed;
    r.message = *launch.failure;
    return;
  }
  if (o.exit_code() != check.expected_exit) {
    r.verdict = Verdict::kWrong;
    r.message = Fmt("it ended with exit code %d instead of %d", o.exit_code(), check.expected_exit);
    if (const std::string last = LastLine(o.err); !last.empty()) r.message += "; " + last;
    return;
  }
  if (check.expected_output && (o.out_bytes > o.out.size() || !SameText(o.out, *check.expected_output))) {
    r.verdict = Verdict::kWrong;
    r.got = o.out;
    r.expected = *check.expected_output;
    r.message = "it printed '" + Head(o.out) + "' instead of '" + Head(*check.expected_output) + "'";
    return;
  }
  ++r.passed;
}

}  // namespace hasten::sandbox
