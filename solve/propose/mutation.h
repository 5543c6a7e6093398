// Candidates out of candidates, without a model: numbers nudged, operators and names exchanged, lines moved; two survivors
// crossed. It knows tokens and lines and no grammar: what does not compile costs one cheap trial.
#pragma once

#include <map>
#include <mutex>

#include "solve/propose/edits.h"
#include "solve/propose/proposer.h"

namespace hasten::solve {

struct MutationOptions {
  std::string seed_program;  // what kSeed proposes
  std::string language = {};
  uint64_t seed = 0;
  double numeric = 1, structural = 1;  // how often either kind is drawn, relative to each other
};

class Mutation : public Proposer {
 public:
  explicit Mutation(MutationOptions options) : options_(std::move(options)) {}
  std::string_view name() const override { return "mutation"; }
  bool deterministic() const override { return true; }
  Status Propose(std::span<const Ask> asks, const Deliver& deliver, const std::atomic<bool>& stop) override;
  std::string One(const Ask& ask) const;

 private:
  std::string Edited(const Trial& parent, size_t edit) const;  // empty: there are not so many
  std::string Changed(const Ask& ask) const;

  const MutationOptions options_;
  mutable std::mutex mutex_;
  mutable std::map<uint64_t, std::vector<Edit>> edits_;  // by the number of the trial
};

}  // namespace hasten::solve
