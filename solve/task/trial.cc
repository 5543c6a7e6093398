#include "solve/task/trial.h"

#include "solve/log/digest.h"

namespace hasten::solve {

TrialRecord RecordOf(const Trial& t, bool with_candidate) {
  TrialRecord r;
  r.n = t.n;
  r.parent = t.parent;
  r.other = t.other;
  r.proposer = t.proposer;
  if (with_candidate) r.candidate = t.candidate;
  r.candidate_digest = DigestText(Digest(t.candidate));
  r.prompt_hash = t.prompt_hash;
  r.model_hash = t.model_hash;
  r.seed = t.seed;
  r.verdict = t.judged.verdict;
  r.score = t.judged.score;
  r.passed = t.judged.passed;
  r.checks = t.judged.checks;
  r.feedback = t.judged.feedback;
  r.behaviour = t.judged.behaviour;
  r.cpu_s = t.judged.cpu_s;
  r.wall_s = t.judged.wall_s;
  r.memory_bytes = t.judged.memory_bytes;
  r.tokens_in = t.tokens_in;
  r.tokens_out = t.tokens_out;
  r.dollars = t.dollars;
  r.at_s = t.at_s;
  return r;
}

Trial TrialOf(const TrialRecord& r, bool scored, bool lower) {
  Trial t;
  t.n = r.n;
  t.parent = r.parent;
  t.other = r.other;
  t.proposer = r.proposer;
  t.candidate = r.candidate.value_or("");
  t.prompt_hash = r.prompt_hash;
  t.model_hash = r.model_hash;
  t.seed = r.seed;
  t.tokens_in = r.tokens_in;
  t.tokens_out = r.tokens_out;
  t.dollars = r.dollars;
  t.at_s = r.at_s;
  t.scored = scored;
  t.lower = lower;
  t.judged = {.verdict = r.verdict,
              .solved = r.verdict == "accepted",
              .score = r.score,
              .passed = r.passed,
              .checks = r.checks,
              .feedback = r.feedback,
              .behaviour = r.behaviour,
              .cpu_s = r.cpu_s,
              .wall_s = r.wall_s,
              .memory_bytes = r.memory_bytes};
  return t;
}

}  // namespace hasten::solve
