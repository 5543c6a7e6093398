// One candidate and what became of it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "solve/log/run_log.h"

namespace hasten::solve {

// What a judge says.
struct Judged {
  std::string verdict = "no answer";  // accepted, scored, duplicate, no answer, or a way to fail of sandbox::VerdictName
  bool solved = false;                // nothing is left to wish
  std::optional<double> score = {};
  size_t passed = 0, checks = 0;  // held-out checks are not counted
  std::string feedback = {};      // what failed, for the next prompt
  std::string got = {}, expected = {};
  std::string behaviour = {};  // candidates that say the same here are of one kind
  double cpu_s = 0, wall_s = 0;
  size_t memory_bytes = 0;
};

struct Trial {
  uint64_t n = 0;
  int64_t parent = -1, other = -1;
  std::string proposer = {}, candidate = {};
  std::string prompt_hash = {}, model_hash = {};
  uint64_t seed = 0;
  size_t tokens_in = 0, tokens_out = 0;
  double dollars = 0, at_s = 0;
  Judged judged = {};
  bool lower = false;   // of two scores the smaller one is better
  bool scored = false;  // the task has a score, and this candidate should have got one

  // Larger is better; comparable between the trials of one task. Any score beats none; without scores, passed checks count.
  double Merit() const {
    if (judged.score) return lower ? -*judged.score : *judged.score;
    const double share = judged.checks ? double(judged.passed) / double(judged.checks) : 0;
    return scored ? share * 1e299 - 1e300 : share;
  }
};
using TrialPtr = std::shared_ptr<const Trial>;

TrialRecord RecordOf(const Trial& trial, bool with_candidate);
// The other way round, for a run that is taken up again. `scored` and `lower` are the task's.
Trial TrialOf(const TrialRecord& record, bool scored, bool lower);

}  // namespace hasten::solve
