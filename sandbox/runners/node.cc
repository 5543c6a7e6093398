// Node.js has threads from its first moment and cannot be forked, so processes are started ahead and wait for their work.
#include <vector>

#include "sandbox/embedded.h"
#include "sandbox/runners/runners.h"
#include "sandbox/runners/script.h"
#include "sandbox/view.h"

namespace hasten::sandbox {
namespace {

constexpr size_t kAhead = 2;  // one works, one starts

class NodeRunner : public ScriptRunner {
 public:
  NodeRunner(RunnerOptions options, JailOptions jail, std::string program)
      : ScriptRunner(std::move(options), std::move(jail)), command_{std::move(program), "--no-warnings", "/boot/server.js"} {}

 protected:
  // What must be there before the start (files, standard input) is started on the spot, anything else was started before.
  Result<Session> Open(Job job) override {
    job.kind = RunKind::kExec;
    job.argv = command_;
    if (!job.files.empty() || !job.input.empty()) return ScriptRunner::Open(std::move(job));
    while (waiting_.size() < kAhead) {
      waiting_.emplace_back();
      TRY(waiting_.back().jail, Jail::Start(jail_options_));
      TRY_OK(StartAhead(waiting_.back()));
    }
    next_ = (next_ + 1) % waiting_.size();
    TRY_OK(waiting_[next_].jail->Go());
    return Session{waiting_[next_].jail.get(), std::move(waiting_[next_].channel)};
  }

  Status Closed(Session& session) override {
    for (Waiting& w : waiting_)
      if (w.jail.get() == session.jail) return StartAhead(w);
    return {};
  }

  void Break() override {
    ScriptRunner::Break();
    waiting_.clear();
  }

 private:
  struct Waiting {
    std::unique_ptr<Jail> jail;
    Channel channel;
  };

  Status StartAhead(Waiting& w) {
    TRY(auto ends, Channel::Pair());
    Job job{.limits = options_.limits, .argv = command_, .collect = options_.collect_files, .wait_go = true};
    job.channel = ends.second.fd();
    TRY_OK(w.jail->Begin(job));
    w.channel = std::move(ends.first);
    return {};
  }

  const std::vector<std::string> command_;
  std::vector<Waiting> waiting_;
  size_t next_ = 0;
};

}  // namespace

Result<std::unique_ptr<Runner>> MakeNode(RunnerOptions options) {
  const std::string program = FindProgram(options.interpreter.empty() ? "node" : options.interpreter);
  if (program.empty()) return Error{Code::kNotFound, "there is no Node.js; Debian's package is nodejs"};
  JailOptions jail = JailOptionsOf(options);
  for (Bind& bind : BindsOfProgram(program)) jail.binds.push_back(std::move(bind));
  jail.boot = {{"server.js", std::string(Script("server.js"))}};
  jail.environment = {"UV_USE_IO_URING=0"};
  return std::unique_ptr<Runner>(new NodeRunner(std::move(options), std::move(jail), program));
}

}  // namespace hasten::sandbox
