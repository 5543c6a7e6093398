// The candidate as a command of a check sees it: a program that it may call. Each call runs in the candidate's own jail.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox/runner.h"

namespace hasten::solve {

class CandidateCalls {
 public:
  // `runner` and `candidate` must outlive the calls of one command. All calls together get what `limits` gives one.
  void Begin(sandbox::Runner& runner, const sandbox::Candidate& candidate, const sandbox::Limits& limits);
  sandbox::CallAnswer Answer(std::vector<std::string> arguments, std::string input);

  // Once the command has ended: what the calls cost together, and how the last one ended that did not end by itself.
  const sandbox::RunResult& spent() const { return spent_; }
  const std::string& trouble() const { return trouble_; }
  const std::optional<Error>& failure() const { return failure_; }  // it could not be run at all

 private:
  sandbox::Runner* runner_ = nullptr;
  const sandbox::Candidate* candidate_ = nullptr;
  sandbox::Limits limits_;
  sandbox::RunResult spent_;
  std::string trouble_;
  std::optional<Error> failure_;
};

}  // namespace hasten::solve
