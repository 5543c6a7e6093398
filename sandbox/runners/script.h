// Runners of languages whose interpreter runs one of scripts/ and serves the candidate's functions on a channel.
#pragma once

#include <memory>

#include "sandbox/runners/calls.h"

namespace hasten::sandbox {

class ScriptRunner : public JailedRunner {
 public:
  using JailedRunner::JailedRunner;

 protected:
  // A candidate's process that waits for its first frame.
  struct Session {
    Jail* jail;
    Channel channel;
  };
  Status RunSome(const Candidate& candidate, std::span<const Check> checks, RunResult& r) override;
  virtual Result<Session> Open(Job job);
  virtual Status Closed(Session&) { return {}; }  // after its end

  Job JobOf(const Candidate& candidate, const Limits& limits) const;
  Result<Launch> LaunchProgram(const Candidate& candidate, const Check& check, const Limits& limits);
  Status RunFunctions(const Candidate& candidate, std::span<const Check> checks, RunResult& r);
  // Ends the session and lets a bad end overrule what was found before.
  Status Close(Session& session, const Limits& limits, RunResult& r);
};

}  // namespace hasten::sandbox
