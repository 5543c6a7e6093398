// What a forked child gives up before it runs anything of the candidate: descriptors, signals, resources, privileges.
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/resource.h>

#include "sandbox/warden/raw.h"
#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

void Limit(int what, uint64_t value) {
  const rlimit64 wanted{value, value};
  if (Raw(SYS_prlimit64, 0, what, &wanted, nullptr) == 0) return;
  rlimit64 most{};  // above what this user may have: as much as that
  Raw(SYS_prlimit64, 0, what, nullptr, &most);
  const uint64_t least = value < most.rlim_max ? value : most.rlim_max;
  most.rlim_cur = most.rlim_max = least;
  if (Raw(SYS_prlimit64, 0, what, &most, nullptr) != 0) Leave(125);
}

// The kernel counts data by process and stops it hard; the sum over processes is watched from outside and stops it at the
// limit. The quarter above lets the watching come first, so that the verdict says memory and not a crash.
void LimitResources(const WireLimits& l, uint64_t base_bytes) {
  Limit(RLIMIT_DATA, l.memory + l.memory / 4 + (uint64_t(16) << 20) + base_bytes);
  Limit(RLIMIT_CPU, l.cpu_us / 1000000 + 2);
  Limit(RLIMIT_FSIZE, l.file_bytes);
  Limit(RLIMIT_NPROC, l.processes + 3);
}

// Whether any capability is left; ambient ones are always among the permitted.
bool HasCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct left[2]{};
  if (Raw(SYS_capget, &header, left) != 0) Leave(125);
  return left[0].permitted | left[1].permitted | left[0].inheritable | left[1].inheritable;
}

// Another user than root has no capabilities by that alone. Supplementary groups were given up when the jail was made.
void DropPrivileges() {
  constexpr int kUser = int(kCandidateUser);
  if (Raw(SYS_setresgid, kUser, kUser, kUser) != 0 || Raw(SYS_setresuid, kUser, kUser, kUser) != 0) Leave(125);
  if (!HasCapabilities()) return;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2]{};
  if (Raw(SYS_capset, &header, none) != 0 || HasCapabilities()) Leave(125);
}

void TakeDescriptors(const Confinement& c) {
  constexpr int kCount = 5;
  int fds[kCount] = {c.in, c.out, c.err, c.channel, c.keep};
  for (int& fd : fds)  // away from where another goes
    if (fd >= 0 && fd < kCount && (fd = int(Raw(SYS_fcntl, fd, F_DUPFD, kCount))) < 0) Leave(125);
  unsigned first_free = 3;
  for (int i = 0; i < kCount; ++i) {
    if (fds[i] < 0) {
      Raw(SYS_close, i);
      continue;
    }
    if (Raw(SYS_dup3, fds[i], i, 0) != i) Leave(125);
    if (i >= 3) first_free = unsigned(i) + 1;
  }
  Raw(SYS_close_range, first_free, ~0U, 0);
}

}  // namespace

void LimitServer() {
  Limit(RLIMIT_NOFILE, 256);
  Limit(RLIMIT_STACK, uint64_t(8) << 20);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_MEMLOCK, 0);
  Limit(RLIMIT_MSGQUEUE, 0);
}

void Confine(const Confinement& c) {
  TakeDescriptors(c);
  for (int s = 1; (g_state.flags & kStartZygote) && s < NSIG; ++s) ::signal(s, SIG_DFL);  // the warden itself changes none
  const uint64_t no_signals = 0;
  Raw(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, nullptr, sizeof no_signals);
  Raw(SYS_setpgid, 0, 0);  // no session of its own: there is no terminal here, and the kernel takes long to make one
  Raw(SYS_umask, 022);
  LimitResources(*c.limits, c.base_bytes);
  if (g_state.flags & kStartJail) DropPrivileges();
}

}  // namespace hasten::sandbox
