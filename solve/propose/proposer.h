// Who makes candidates. All feed the same judge.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "solve/task/spending.h"
#include "solve/task/task.h"
#include "solve/task/trial.h"

namespace hasten::solve {

// What a search wants: a candidate with a number, out of nothing or out of what is there.
struct Ask {
  enum class Kind : uint8_t { kSeed, kFresh, kRepair, kMutate, kCross, kFollow, kEdit };
  uint64_t n = 0;
  Kind kind = Kind::kFresh;
  TrialPtr parent = {}, other = {};  // of kRepair, kMutate, kEdit; both: of kCross, kFollow
  size_t edit = 0;                   // of kEdit: which of the parent's small edits (propose/edits.h)
};

struct Proposal {
  size_t ask = 0;         // index into the asks
  std::string candidate;  // empty: there is none, and `trouble` says why
  std::string trouble = {}, prompt_hash = {}, model_hash = {};
  uint64_t seed = 0;
  size_t tokens_in = 0, tokens_out = 0;
  double dollars = 0;
};

// The same asks and the same run's seed give the same proposals, where deterministic() says so.
class Proposer {
 public:
  using Deliver = std::function<void(Proposal)>;
  virtual ~Proposer() = default;
  virtual std::string_view name() const = 0;
  virtual bool deterministic() const = 0;
  // Delivers each proposal as soon as it is there, from any thread, one at a time; ends early when `stop` becomes true.
  // An Error means that there is no point in asking again.
  virtual Status Propose(std::span<const Ask> asks, const Deliver& deliver, const std::atomic<bool>& stop) = 0;
};

}  // namespace hasten::solve
