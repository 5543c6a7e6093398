// What a forked child gives up before it runs anything of the candidate: descriptors, signals, resources, privileges.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

void Limit(int what, uint64_t value) {
  rlimit wanted{value, value};
  if (::setrlimit(__rlimit_resource(what), &wanted) == 0) return;
  rlimit now{};  // above what this user may have: as much as that
  ::getrlimit(__rlimit_resource(what), &now);
  wanted.rlim_cur = wanted.rlim_max = value < now.rlim_max ? value : now.rlim_max;
  if (::setrlimit(__rlimit_resource(what), &wanted) != 0) Leave(125);
}

// The kernel counts data by process and stops it hard; the sum over processes is watched from outside and stops it at the
// limit. The quarter above lets the watching come first, so that the verdict says memory and not a crash.
void LimitResources(const WireLimits& l, uint64_t base_bytes) {
  Limit(RLIMIT_DATA, l.memory + l.memory / 4 + (uint64_t(16) << 20) + base_bytes);
  Limit(RLIMIT_CPU, l.cpu_us / 1000000 + 2);
  Limit(RLIMIT_FSIZE, l.file_bytes);
  Limit(RLIMIT_NOFILE, 256);
  Limit(RLIMIT_NPROC, l.processes + 3);
  Limit(RLIMIT_STACK, uint64_t(8) << 20);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_MEMLOCK, 0);
  Limit(RLIMIT_MSGQUEUE, 0);
}

void DropPrivileges() {
  ::setgroups(0, nullptr);  // refused where nobody is root: then there are none to drop
  if (::setresgid(kCandidateUser, kCandidateUser, kCandidateUser) != 0 ||
      ::setresuid(kCandidateUser, kCandidateUser, kCandidateUser) != 0)
    Leave(125);
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2]{}, left[2]{};
  if (::syscall(SYS_capset, &header, none) != 0 || ::syscall(SYS_capget, &header, left) != 0) Leave(125);
  if (left[0].permitted | left[1].permitted | left[0].inheritable | left[1].inheritable) Leave(125);
}

}  // namespace

void Confine(const Confinement& c) {
  // Away from the low numbers first, so that no dup2 overwrites what another still needs.
  int fds[5] = {c.in, c.out, c.err, c.channel, c.keep};
  for (int& fd : fds)
    if (fd >= 0 && (fd = ::fcntl(fd, F_DUPFD, 32)) < 0) Leave(125);
  unsigned first_free = 3;
  for (int i = 0; i < 5; ++i) {
    ::close(i);
    if (fds[i] < 0) continue;
    if (::dup2(fds[i], i) != i) Leave(125);
    first_free = unsigned(i) + 1 > 3 ? unsigned(i) + 1 : 3;
  }
  ::syscall(SYS_close_range, first_free, ~0U, 0);
  for (int s = 1; (g_state.flags & kStartZygote) && s < NSIG; ++s) ::signal(s, SIG_DFL);  // the warden itself changes none
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setpgid(0, 0);  // no session of its own: there is no terminal here, and the kernel takes long to make one
  ::umask(022);
  LimitResources(*c.limits, c.base_bytes);
  if (g_state.flags & kStartJail) DropPrivileges();
}

}  // namespace hasten::sandbox
