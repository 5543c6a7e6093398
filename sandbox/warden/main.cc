// The warden's way from the outside to the first process of a jail.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

struct Start {
  uint32_t flags, user, group;
  uint64_t file_bytes;
  const char* folder;
  char* argv[64] = {};
  char* environment[64] = {};
  void* message = nullptr;  // what the words lie in
  size_t message_bytes = 0;
};

WireReader ReadStart(Start* s) {
  struct stat info{};
  if (::fstat(kStartFd, &info) != 0) Leave(1);
  void* bytes = ::mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_PRIVATE, kStartFd, 0);
  if (bytes == MAP_FAILED) Fail(kControlFd, "cannot read the start message", errno);
  s->message = bytes;
  s->message_bytes = size_t(info.st_size);
  WireReader r(static_cast<const char*>(bytes), size_t(info.st_size));
  s->flags = r.U32();
  s->user = r.U32();
  s->group = r.U32();
  r.Str();  // the filter: serve.cc
  s->file_bytes = r.U64();
  s->folder = r.Str().data();
  for (char** words : {s->argv, s->environment})
    for (uint32_t n = r.U32(), i = 0; i < n; ++i) {
      const std::string_view word = r.Str();
      if (i < 63) words[i] = const_cast<char*>(word.data());
    }
  if (!r.ok()) Fail(kControlFd, "cannot read the start message", EPROTO);
  return r;
}

void WriteMap(pid_t pid, const char* file, const char* text) {
  char path[64];
  ::snprintf(path, sizeof path, "/proc/%d/%s", int(pid), file);
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  const size_t size = ::strlen(text);
  if (fd < 0 || ::write(fd, text, size) != ssize_t(size)) Fail(kControlFd, "cannot map users into the jail", errno);
  ::close(fd);
}

// In a helper that stays outside, where root may map more than one user: the warden stays root inside, without power outside,
// and candidates are nobody. Anyone else has but one user to give.
void WriteMaps(const Start& s, pid_t pid) {
  char users[96], groups[96];
  if (s.flags & kStartRoot) {
    ::snprintf(users, sizeof users, "0 %u 1\n%u %u 1\n", s.user, kCandidateUser, kNobody);
    ::snprintf(groups, sizeof groups, "0 %u 1\n%u %u 1\n", s.group, kCandidateUser, kNobody);
  } else {
    ::snprintf(users, sizeof users, "%u %u 1\n", kCandidateUser, s.user);
    ::snprintf(groups, sizeof groups, "%u %u 1\n", kCandidateUser, s.group);
    WriteMap(pid, "setgroups", "deny");
  }
  WriteMap(pid, "uid_map", users);
  WriteMap(pid, "gid_map", groups);
}

void EnterNamespaces(const Start& s) {
  int gate[2];
  if (::pipe2(gate, O_CLOEXEC) != 0) Fail(kControlFd, "cannot make a pipe", errno);
  const pid_t self = ::getpid(), helper = ::fork();
  if (helper < 0) Fail(kControlFd, "cannot fork", errno);
  if (helper == 0) {
    char go = 0;
    ::close(gate[1]);
    if (::read(gate[0], &go, 1) == 1) WriteMaps(s, self);
    Leave(0);
  }
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0)
    Fail(kControlFd, "the kernel refuses namespaces", errno);
  int status = 0;
  if (::write(gate[1], "", 1) != 1 || ::waitpid(helper, &status, 0) != helper || status != 0) Leave(1);  // it told why
  ::close(gate[0]);
  ::close(gate[1]);
}

// An interpreter that is not root inside keeps what the loop needs only as ambient capabilities.
void KeepCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  const uint32_t kept = 1U << CAP_SYS_ADMIN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER | 1U << CAP_KILL;
  data[0] = {.effective = kept, .permitted = kept, .inheritable = kept};
  if (::syscall(SYS_capset, &header, data) != 0) Fail(kControlFd, "cannot keep capabilities", errno);
  for (const int c : {CAP_SYS_ADMIN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_KILL})
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0);
}

void BecomeFirst(const Start& s, WireReader& rest) {
  if (s.flags & kStartRoot) {
    if (::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0) Fail(kControlFd, "cannot become the jail's root", errno);
    ::setgroups(0, nullptr);
  }
  (void)!::sethostname("jail", 4);
  BuildRoot(rest, s.file_bytes);
  // Of the candidates' group already: a change of it less for each.
  if ((s.flags & kStartRoot) && ::setresgid(kCandidateUser, kCandidateUser, kCandidateUser) != 0)
    Fail(kControlFd, "cannot become the jail's group", errno);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);  // last: a change of group forgets it
}

// A mapping less is a microsecond less for each fork: the words move to the heap.
void LetGo(Start& s) {
  for (char** word = s.environment; *word; ++word)
    if (!(*word = ::strdup(*word))) Leave(1);
  ::munmap(s.message, s.message_bytes);
}

void Main() {
  ::syscall(SYS_close_range, unsigned(kFirstFreeFd), ~0U, 0);
  ::setsid();
  ::umask(022);
  Start s;
  WireReader rest = ReadStart(&s);
  if ((s.flags & kStartCgroup) && ::write(kProcFd, "0", 1) != 1) Fail(kControlFd, "cannot enter the control group", errno);
  ::dup2(0, kProcFd);  // taken, though it is no folder: where there is no /proc, nothing else gets this number
  if (s.flags & kStartJail) {
    EnterNamespaces(s);
    const pid_t first = ::fork();
    if (first < 0) Fail(kControlFd, "cannot fork into the jail", errno);
    if (first > 0) {  // outside: only waits, so that the library can wait for the whole jail
      ::syscall(SYS_close_range, 0U, ~0U, 0);
      int status = 0;
      while (::waitpid(first, &status, 0) < 0 && errno == EINTR) {
      }
      Leave(0);
    }
    BecomeFirst(s, rest);
  }
  ::clearenv();
  ::environ = s.environment;
  if (s.flags & kStartZygote) {
    if ((s.flags & kStartJail) && !(s.flags & kStartRoot)) KeepCapabilities();
    if (::chdir(s.folder) != 0) Fail(kControlFd, "cannot enter the candidate's folder", errno);
    ::execve(s.argv[0], s.argv, s.environment);
    Fail(kControlFd, "cannot start the interpreter", errno);
  }
  LetGo(s);
  Serve();
  Leave(1);
}

}  // namespace
}  // namespace hasten::sandbox

int main() { hasten::sandbox::Main(); }
