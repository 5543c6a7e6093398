// The jail: a set of namespaces with a file system of its own, and in it a process (the warden) that starts, watches and ends
// what cannot be trusted. One jail runs one job at a time; several side by side. docs/jail.md tells what it holds and how.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/cgroup.h"
#include "sandbox/file.h"
#include "sandbox/verdict.h"
#include "sandbox/wire.h"

namespace hasten::sandbox {

struct Bind {
  std::string from, to;  // absolute; `from` outside, `to` inside
  bool writable = false;
};

struct JailOptions {
  bool jail = true;  // false: resource limits only
  std::vector<Bind> binds = {};
  std::vector<File> boot = {};                // read-only below boot()
  std::vector<std::string> server = {};       // an interpreter to fork from instead of the warden itself; absolute path first
  bool serve_at_start = false;                // `server` is forked before its main(); otherwise it calls hasten_serve() itself
  std::vector<std::string> environment = {};  // "NAME=value", added to the few that every candidate gets
  Limits limits = {};  // of the most demanding job: sizes /work and /tmp together, and a control group where there is one
};

struct Job {
  RunKind kind = RunKind::kExec;
  Limits limits = {};
  std::vector<std::string> argv = {};  // kExec; looked up on the jail's PATH
  std::string input = {}, source = {};
  std::string calls = {};  // kNative; wire.h
  std::vector<File> files = {};
  bool collect = false, wipe = true;
  bool wait_go = false;  // limits of time begin with Go()
  int channel = -1;      // a socket that the candidate gets as descriptor 3; stays the caller's to close
};

struct Outcome {
  RunEnd end = RunEnd::kExited;
  int status = 0;  // of wait()
  std::string forbidden;
  double wall_s = 0, cpu_s = 0;
  size_t peak_memory_bytes = 0, out_bytes = 0, err_bytes = 0;
  std::string out, err;  // heads
  std::string answers;   // to Job::calls
  std::vector<File> files;
  std::vector<std::string> refused;
  int exit_code() const;  // 128 + signal where one ended it
};

// What the end alone says: an exit with 0 is kAccepted, with anything else kWrong, a signal kCrashed.
Verdict VerdictOf(const Outcome& outcome);
std::string Explain(const Outcome& outcome, const Limits& limits);  // one line, fit for a person or a prompt

// Movable by pointer only. One thread at a time. The destructor ends everything inside and waits for it.
class Jail {
 public:
  // kUnsupported: the kernel refuses, with what to do about it.
  static Result<std::unique_ptr<Jail>> Start(const JailOptions& options);
  ~Jail();
  Jail(const Jail&) = delete;
  Jail& operator=(const Jail&) = delete;

  Status Begin(const Job& job);
  Status Go();
  // `enough` hears all answers so far of a job that takes long, and ends it by saying true.
  Result<Outcome> Finish(const std::function<bool(std::string_view answers)>& enough = {});
  Result<Outcome> Run(const Job& job);                   // Begin and Finish
  Status Wipe();                                         // empties the candidate's folders
  const std::string& folder() const { return folder_; }  // the candidate's, as it sees it
  const std::string& boot() const { return boot_; }      // JailOptions::boot, as the candidate sees it
  pid_t pid() const { return pid_; }                     // for tests: the outermost process

 private:
  Jail() = default;
  Result<std::string> Receive(Tell* type);
  Error Ended();

  int control_ = -1;
  pid_t pid_ = -1;
  std::string folder_, boot_, temporary_;  // temporary_: to be removed, without a jail
  std::vector<std::string> environment_;
  std::unique_ptr<Cgroup> cgroup_;
};

// Nothing where a jail can be made here, else why not. Asked once a process.
const Status& JailWorksHere();

}  // namespace hasten::sandbox
