#include "solve/judge/candidate_calls.h"

#include <algorithm>

namespace hasten::solve {

using sandbox::Verdict;

void CandidateCalls::Begin(sandbox::Runner& runner, const sandbox::Candidate& candidate, const sandbox::Limits& limits) {
  runner_ = &runner;
  candidate_ = &candidate;
  limits_ = limits;
  spent_ = {};
  trouble_.clear();
  failure_.reset();
}

// Exit codes as a shell gives them; 124 is timeout(1)'s.
static int ExitCodeOf(const sandbox::RunResult& r) {
  switch (r.verdict) {
    case Verdict::kAccepted:
    case Verdict::kWrong:
      return r.exit_code;
    case Verdict::kTimedOut:
      return 124;
    case Verdict::kOutOfMemory:
      return 137;
    case Verdict::kForbidden:
      return 159;
    default:
      return r.exit_code ? r.exit_code : 1;
  }
}

sandbox::CallAnswer CandidateCalls::Answer(std::vector<std::string> arguments, std::string input) {
  if (failure_) return {.exit_code = 125, .err = failure_->what + "\n"};
  if (spent_.wall_s >= limits_.wall_s || spent_.cpu_s >= limits_.cpu_s) {
    trouble_ = Fmt("its calls took more than %g seconds together", std::min(limits_.wall_s, limits_.cpu_s));
    return {.exit_code = 124, .err = trouble_ + "\n"};
  }
  const sandbox::Check check = {.kind = sandbox::CheckKind::kProcess, .input = std::move(input), .argv = std::move(arguments)};
  const auto r = runner_->Run(*candidate_, {&check, 1});
  if (!r) {
    failure_ = r.error();
    return {.exit_code = 125, .err = failure_->what + "\n"};
  }
  spent_.wall_s += r->wall_s;
  spent_.cpu_s += r->cpu_s;
  spent_.peak_memory_bytes = std::max(spent_.peak_memory_bytes, r->peak_memory_bytes);
  sandbox::CallAnswer answer = {.exit_code = ExitCodeOf(*r), .out = r->out, .err = r->err};
  if (r->verdict != Verdict::kAccepted && r->verdict != Verdict::kWrong) {
    trouble_ = std::string(VerdictName(r->verdict)) + ": " + r->message;
    answer.err += "the candidate " + trouble_ + "\n";
  }
  return answer;
}

}  // namespace hasten::solve
