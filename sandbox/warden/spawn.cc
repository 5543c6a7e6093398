#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "sandbox/warden/run.h"

namespace hasten::sandbox {
namespace {

constexpr int kStatusFd = 4;  // in the child: where its first process tells how the program ended

struct Words {
  char* at[RunRequest::kMaxWords + 1];
  void Read(WireReader r) {
    const uint32_t n = r.U32();
    for (uint32_t i = 0; i < n; ++i) at[i] = const_cast<char*>(r.Str().data());
    at[n] = nullptr;
  }
};

[[noreturn]] void Execute(const RunRequest& request) {
  static Words argv, environment;
  argv.Read(request.argv);
  environment.Read(request.environment);
  ::execvpe(argv.at[0], argv.at, environment.at);
  ::dprintf(2, "cannot run '%s': %s\n", argv.at[0], ::strerror(errno));
  Leave(errno == ENOENT ? 127 : 126);
}

// The first process of a pid namespace ignores signals that it did not ask for, so a program would not die of its own
// abort(). It runs as the second; the first waits, tells its status and takes everything down by ending.
[[noreturn]] void ExecuteAsSecond(const RunRequest& request) {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // its memory, and with it the status, is closed to the program
  const pid_t pid = ::vfork();
  if (pid == 0) {
    ::close(kStatusFd);
    Execute(request);
  }
  if (pid < 0) Leave(125);
  for (const int fd : {0, 1, 2, 3}) ::close(fd);
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    if (ended != pid) continue;
    (void)!::write(kStatusFd, &status, sizeof status);
    Leave(0);
  }
}

bool Pipe(int ends[2], int ours) {
  if (::pipe2(ends, O_CLOEXEC) != 0) return ends[0] = ends[1] = -1, false;
  return ::fcntl(ends[ours], F_SETFL, O_NONBLOCK) == 0;
}

// The child is the first process of a new pid namespace. The warden itself may call the kernel directly: it is the first of its
// own namespace, so the thread number that the C library remembers, 1, is right in the child too. An interpreter's libraries
// may have asked to be told of forks, so there it is fork() between two changes of namespace.
static pid_t RawClone(int* pidfd) {
  const long pid = Raw(SYS_clone, CLONE_NEWPID | CLONE_PIDFD | SIGCHLD, nullptr, pidfd);
  if (pid < 0) errno = int(-pid);
  return pid < 0 ? -1 : pid_t(pid);
}
pid_t ForkIntoNamespace(const Server& server, int* pidfd) {
  if (!(server.flags & kStartZygote)) return RawClone(pidfd);
  if (::unshare(CLONE_NEWPID) != 0) return -1;
  const pid_t pid = ::fork();
  const int error = errno;
  if (pid != 0) ::setns(server.self, CLONE_NEWPID);
  errno = error;
  return pid;
}

void Close(int fd) {
  if (fd >= 0) ::close(fd);
}

}  // namespace

Spawned Spawn(const Server& server, const RunRequest& request, bool* child) {
  int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, status[2] = {-1, -1};
  Spawned run;
  const bool jail = server.flags & kStartJail;
  bool ok = Pipe(out, 0) && Pipe(err, 0) && (request.input.empty() || Pipe(in, 1));
  if (ok && request.kind == RunKind::kExec) ok = Pipe(status, 0);
  if (ok) run.pid = jail ? ForkIntoNamespace(server, &run.pidfd) : ::fork();
  if (run.pid == 0) {
    if (Raw(SYS_fchdir, server.work.fd()) != 0) Leave(125);
    Confine({.limits = &request.limits,
             .in = in[0] >= 0 ? in[0] : server.null,
             .out = out[1],
             .err = err[1],
             .channel = request.channel,
             .keep = status[1],
             .base_bytes = request.kind == RunKind::kExec ? 0 : server.base_bytes});
    if (!jail) Raw(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    Raw(SYS_prctl, PR_SET_DUMPABLE, 1);  // /proc/self is its own again
    if (request.kind == RunKind::kExec) ExecuteAsSecond(request);
    if (request.kind == RunKind::kNative) RunNative(request, server);
    if (request.kind == RunKind::kSql) RunSql(request.source);
    *child = true;
    return run;
  }
  if (run.pid < 0) run.error = errno;
  if (run.pid > 0 && run.pidfd < 0) run.pidfd = int(::syscall(SYS_pidfd_open, run.pid, 0));
  for (const int fd : {in[0], status[1]}) Close(fd);
  if (run.pid < 0) {
    for (const int fd : {in[1], out[0], out[1], err[0], err[1], status[0]}) Close(fd);
    return run;
  }
  run.in = in[1];
  run.out = out[0];
  run.err = err[0];
  run.out_writer = out[1];
  run.err_writer = err[1];
  run.status = status[0];
  return run;
}

}  // namespace hasten::sandbox
