#include "sandbox/filter.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace hasten::sandbox {
namespace {

// Files, memory, processes, signals, time, pipes and Unix sockets: what programs are made of. Privileged forms of these fail by
// themselves, for a candidate has no capability. Names that an architecture lacks are skipped.
constexpr const char* kAllowed[] = {
    // files
    "access", "chdir", "chmod", "chown", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3", "faccessat",
    "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "fcntl",
    "fdatasync", "fgetxattr", "flistxattr", "flock", "fstat", "fstatfs", "fsync", "ftruncate", "futimesat", "getcwd",
    "getdents", "getdents64", "getxattr", "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "ioctl",
    "lchown", "lgetxattr", "link", "linkat", "listxattr", "llistxattr", "lseek", "lstat", "mkdir", "mkdirat", "mknod",
    "mknodat", "newfstatat", "open", "openat", "openat2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2",
    "read", "readahead", "readlink", "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir", "sendfile", "splice",
    "stat", "statfs", "statx", "symlink", "symlinkat", "sync_file_range", "tee", "truncate", "umask", "unlink", "unlinkat",
    "utime", "utimensat", "utimes", "write", "writev",
    // memory
    "brk", "madvise", "mincore", "mmap", "mprotect", "mremap", "msync", "munlock", "munmap", "membarrier", "pkey_alloc",
    "pkey_free", "pkey_mprotect",
    // processes and threads
    "arch_prctl", "capget", "capset", "execve", "execveat", "exit", "exit_group", "fork", "futex", "futex_waitv", "futex_wake",
    "futex_wait", "futex_requeue", "get_robust_list", "get_thread_area", "getcpu", "getegid", "geteuid", "getgid", "getgroups",
    "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid",
    "gettid", "getuid", "kill", "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64", "rseq", "sched_get_priority_max",
    "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler",
    "sched_rr_get_interval", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield",
    "set_robust_list", "set_thread_area", "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups", "setpgid",
    "setpriority", "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid", "setuid", "sysinfo", "tgkill",
    "tkill", "uname", "vfork", "wait4", "waitid", "waitpid",
    // signals and time
    "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer", "gettimeofday", "nanosleep", "pause",
    "restart_syscall", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend",
    "rt_sigtimedwait", "rt_tgsigqueueinfo", "setitimer", "sigaltstack", "time", "timer_create", "timer_delete",
    "timer_getoverrun", "timer_gettime", "timer_settime", "timerfd_create", "timerfd_gettime", "timerfd_settime", "times",
    // waiting, pipes, Unix sockets (socket() itself below), random numbers
    "accept", "accept4", "bind", "connect", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2",
    "epoll_wait", "eventfd", "eventfd2", "getpeername", "getrandom", "getsockname", "getsockopt", "listen", "pipe", "pipe2",
    "poll", "ppoll", "pselect6", "recvfrom", "recvmmsg", "recvmsg", "select", "sendmmsg", "sendmsg", "sendto", "setsockopt",
    "shutdown", "signalfd", "signalfd4", "socketpair"};

// Tried by harmless programs, which go on without: told that there is no such call, or no permission.
struct Soft {
  const char* name;
  int error;
};
constexpr Soft kSoft[] = {
    {"clone3", ENOSYS},  // its flags lie in memory where a filter cannot look; the C library falls back to clone
    // Memory that no process's size shows.
    {"memfd_create", ENOSYS},
    {"memfd_secret", ENOSYS},
    {"shmget", ENOSYS},
    {"shmat", ENOSYS},
    {"msgget", ENOSYS},
    {"semget", ENOSYS},
    {"mq_open", ENOSYS},
    {"mlock", EPERM},
    {"mlock2", EPERM},
    {"mlockall", EPERM},
    {"get_mempolicy", ENOSYS},
    {"set_mempolicy", ENOSYS},
    {"mbind", ENOSYS},
    {"setxattr", ENOTSUP},
    {"lsetxattr", ENOTSUP},
    {"fsetxattr", ENOTSUP},
    {"removexattr", ENOTSUP},
    {"lremovexattr", ENOTSUP},
    {"fremovexattr", ENOTSUP},
    {"sync", 0},
    {"syncfs", 0},
    {"ioprio_set", EPERM},
    {"ioprio_get", ENOSYS},
    {"landlock_create_ruleset", ENOSYS},
    {"seccomp", ENOSYS},
    {"cachestat", ENOSYS},
    {"map_shadow_stack", ENOSYS},
    {"syslog", EPERM}};

constexpr uint64_t kNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};

int Number(const char* name) { return seccomp_syscall_resolve_name(name); }

// seccomp_rule_add refuses a call of another architecture; those are skipped.
bool Add(scmp_filter_ctx context, uint32_t action, const char* name) {
  const int number = Number(name);
  return number == __NR_SCMP_ERROR || number < 0 || seccomp_rule_add(context, action, number, 0) == 0;
}

bool AddWith(scmp_filter_ctx context, uint32_t action, const char* name, const scmp_arg_cmp& argument) {
  return seccomp_rule_add_array(context, action, Number(name), 1, &argument) == 0;
}

bool AddAll(scmp_filter_ctx c) {
  bool ok = true;
  for (const char* name : kAllowed) ok = Add(c, SCMP_ACT_ALLOW, name) && ok;
  for (const Soft& soft : kSoft) ok = Add(c, SCMP_ACT_ERRNO(unsigned(soft.error)), soft.name) && ok;
  // A pid namespace is what the warden makes for each candidate, under this same filter; a candidate lacks the capability.
  ok = AddWith(c, SCMP_ACT_ALLOW, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, kNamespaces, 0)) && ok;
  ok = AddWith(c, SCMP_ACT_ALLOW, "unshare", SCMP_A0(SCMP_CMP_EQ, CLONE_NEWPID)) && ok;
  ok = AddWith(c, SCMP_ACT_ALLOW, "setns", SCMP_A1(SCMP_CMP_EQ, CLONE_NEWPID)) && ok;
  ok = AddWith(c, SCMP_ACT_ALLOW, "socket", SCMP_A0(SCMP_CMP_EQ, AF_UNIX)) && ok;
  ok = AddWith(c, SCMP_ACT_ERRNO(EAFNOSUPPORT), "socket", SCMP_A0(SCMP_CMP_EQ, AF_NETLINK)) && ok;
  ok = AddWith(c, SCMP_ACT_ALLOW, "personality", SCMP_A0(SCMP_CMP_EQ, 0xffffffff)) && ok;
  ok = AddWith(c, SCMP_ACT_ERRNO(EPERM), "personality", SCMP_A0(SCMP_CMP_NE, 0xffffffff)) && ok;
  return ok;
}

}  // namespace

Result<std::string> SyscallFilter() {
  const std::unique_ptr<void, Release> context(seccomp_init(SCMP_ACT_NOTIFY));
  if (!context) return Error{Code::kUnsupported, "libseccomp cannot make a filter of system calls on this system"};
  // Other calling conventions (32-bit, x32) cannot be told from an attack and end the process at once.
  seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree: a dozen comparisons instead of three hundred
  const int file = ::memfd_create("filter", MFD_CLOEXEC);
  std::string program;
  bool ok = AddAll(context.get()) && file >= 0 && seccomp_export_bpf(context.get(), file) == 0;
  if (const off_t size = ok ? ::lseek(file, 0, SEEK_END) : -1; size > 0) {
    program.resize(size_t(size));
    ok = ::pread(file, program.data(), program.size(), 0) == size;
  }
  if (file >= 0) ::close(file);
  if (!ok || program.empty()) return Error{Code::kUnsupported, "libseccomp cannot build the filter of system calls"};
  return program;
}

std::string SyscallName(uint32_t number, uint32_t arch) {
#ifdef __x86_64__
  if (number & 0x40000000) return Fmt("x32 call 0x%x", number);
#endif
  char* name = seccomp_syscall_resolve_num_arch(arch, int(number));
  std::string text = name ? name : Fmt("system call %u", number);
  std::free(name);
  return text;
}

}  // namespace hasten::sandbox
