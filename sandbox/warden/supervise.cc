#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "sandbox/warden/run.h"

namespace hasten::sandbox {
namespace {

// One of the two outputs: all of it counted, its head kept.
struct Stream {
  int fd, writer;
  uint64_t head, limit;
  uint64_t total = 0;
  WireBuffer kept{};
  void Drain() {
    static char buffer[16384];           // not on the stack, whose pages a fork makes dear to touch
    while (fd >= 0 && total <= limit) {  // one that writes as fast as this reads would hold it here
      const ssize_t n = ::read(fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return Close();
      const uint64_t room = kept.size() < head ? head - kept.size() : 0;
      kept.Raw(buffer, size_t(n) < room ? size_t(n) : room);
      std::memset(buffer, 0, size_t(n));  // the next candidate's fork has this, too
      total += uint64_t(n);
    }
  }
  void Close() {
    if (fd >= 0) ::close(fd);
    if (writer >= 0) ::close(writer);
    fd = writer = -1;
  }
};

// Watches one run until its process ended.
class Watch {
 public:
  Watch(const Server& server, const RunRequest& request, Spawned& run)
      : server_(server),
        request_(request),
        run_(run),
        out_{run.out, run.out_writer, request.limits.head, request.limits.output},
        err_{run.err, run.err_writer, request.limits.head, request.limits.output},
        input_(request.input),
        running_(!(request.flags & kRunWaitGo)),
        started_us_(NowUs()) {}

  void UntilEnd() {
    Feed();
    for (uint64_t next_us = started_us_ + 3000; !ended_;) {
      const uint64_t now = NowUs();
      if (now >= next_us) {
        CheckUsage();
        TellAnswers();
        next_us = now + Pause(now - started_us_);
      }
      uint64_t wake = next_us;
      if (const uint64_t deadline = started_us_ + request_.limits.wall_us; running_) {
        if (now >= deadline) Kill(RunEnd::kWall);
        if (deadline > now && deadline < wake) wake = deadline;
      }
      Poll(wake - now);
      if (out_.total + err_.total > request_.limits.output) Kill(RunEnd::kOutput);
    }
    wall_us_ = NowUs() - started_us_;
    Reap();
    if (!(server_.flags & kStartJail)) out_.Drain(), err_.Drain();  // what was left running has written since
    if (out_.total + err_.total > request_.limits.output && end_ == RunEnd::kExited) end_ = RunEnd::kOutput;
  }

  void Report(WireBuffer& to) {
    Judge();
    to.U32(uint32_t(end_));
    to.U32(uint32_t(status_));
    to.U32(forbidden_.nr);
    to.U32(forbidden_.arch);
    for (const uint64_t v : {wall_us_, cpu_us_, peak_, out_.total, err_.total}) to.U64(v);
    for (const Stream* s : {&out_, &err_}) to.Str({s->kept.data(), s->kept.size()});
    to.Str(server_.answers.Since(told_));
  }

 private:
  struct Forbidden {
    uint32_t nr = 0, arch = 0;
  };

  // Often at first, when most bombs go off; a process that waits for its work, or works for long, is asked less.
  uint64_t Pause(uint64_t elapsed_us) const {
    const uint64_t quarter = elapsed_us / 4;
    return !running_ ? 500000 : quarter < 10000 ? 10000 : quarter > 100000 ? 100000 : quarter;
  }

  void Poll(uint64_t wait_us) {
    // The kernel looks at them in this order: outputs seen empty after the process was seen ended stay empty.
    enum { kControl, kPid, kOut, kErr, kNotify, kIn, kCount };
    pollfd fds[kCount] = {{kControlFd, POLLIN, 0}, {run_.pidfd, POLLIN, 0},     {out_.fd, POLLIN, 0},
                          {err_.fd, POLLIN, 0},    {server_.notify, POLLIN, 0}, {run_.in, POLLOUT, 0}};
    const timespec wait{time_t(wait_us / 1000000), long(wait_us % 1000000) * 1000};
    if (::ppoll(fds, kCount, &wait, nullptr) <= 0) return;
    if (fds[kNotify].revents & POLLIN) ReadNotification();
    if (fds[kOut].revents) out_.Drain();
    if (fds[kErr].revents) err_.Drain();
    if (fds[kIn].revents) Feed();
    if (fds[kControl].revents) Listen();
    if (fds[kPid].revents) ended_ = true;
  }

  // So that a wrong one need not run to its end.
  void TellAnswers() {
    const std::string_view fresh = server_.answers.Since(told_);
    if (fresh.empty()) return;
    WireBuffer body;
    body.Raw(fresh.data(), fresh.size());
    told_ += fresh.size();
    if (!Send(kControlFd, Tell::kAnswers, body)) Leave(0);
  }

  // The library says go or enough, or is gone.
  void Listen() {
    WireHeader head{};
    int channel = -1;
    const Ask ask = ReceiveHead(kControlFd, &head, &channel) && head.bytes == 0 ? Ask(head.type) : Ask{};
    if (ask == Ask::kGo) {
      running_ = true;
      started_us_ = NowUs();
      return;
    }
    if (ask == Ask::kEnough) return Kill(RunEnd::kExited);
    ::kill(run_.pid, SIGKILL);
    if (!(server_.flags & kStartJail)) EndStragglers();
    Leave(0);
  }

  void Feed() {
    while (run_.in >= 0) {
      const ssize_t n = input_.empty() ? 0 : ::write(run_.in, input_.data(), input_.size());
      if (n < 0 && errno == EAGAIN) return;
      if (n > 0) input_.remove_prefix(size_t(n));
      if (n > 0 && !input_.empty()) continue;
      ::close(run_.in);  // all is written, or nobody reads any more
      run_.in = -1;
    }
  }

  void Kill(RunEnd why) {
    if (end_ == RunEnd::kExited) end_ = why;
    ::kill(run_.pid, SIGKILL);
    if (!(server_.flags & kStartJail)) ::kill(-run_.pid, SIGKILL);
  }

  // The task that asked stays blocked in its system call until it is killed.
  void ReadNotification() {
    seccomp_notif notification{};
    if (::ioctl(server_.notify, SECCOMP_IOCTL_NOTIF_RECV, &notification) != 0) return;  // it is gone already
    forbidden_ = {uint32_t(notification.data.nr), notification.data.arch};
    Kill(RunEnd::kForbidden);
  }

  void CheckUsage() {
    const Usage u = MeasureUsage(request_.kind != RunKind::kExec);
    if (u.memory > peak_) peak_ = u.memory;
    if (u.memory > request_.limits.memory) Kill(RunEnd::kMemory);
    if (u.cpu_us > request_.limits.cpu_us && running_) Kill(RunEnd::kCpu);
  }

  void Reap() {
    rusage usage{};
    while (::wait4(run_.pid, &status_, 0, &usage) < 0 && errno == EINTR) {
    }
    if (!(server_.flags & kStartJail)) EndStragglers();
    const auto us = [](const timeval& t) { return uint64_t(t.tv_sec) * 1000000 + uint64_t(t.tv_usec); };
    cpu_us_ = us(usage.ru_utime) + us(usage.ru_stime);
    const uint64_t resident = uint64_t(usage.ru_maxrss) * 1024;
    if (request_.kind == RunKind::kExec && resident > peak_) peak_ = resident;
    if (request_.kind != RunKind::kExec && resident > peak_ + server_.base_bytes) peak_ = resident - server_.base_bytes;
    int told = 0;
    if (run_.status >= 0 && end_ == RunEnd::kExited && ::read(run_.status, &told, sizeof told) == sizeof told) status_ = told;
    ::close(run_.pidfd);
    if (run_.status >= 0) ::close(run_.status);
    if (run_.in >= 0) ::close(run_.in);
  }

  // What a limit did that the kernel kept by itself: a failed allocation or a full folder looks like a failure of the program.
  void Judge() {
    out_.Close();
    err_.Close();
    if (end_ != RunEnd::kExited) return;
    if (WIFSIGNALED(status_)) end_ = RunEnd::kSignalled;
    if (cpu_us_ > request_.limits.cpu_us || (WIFSIGNALED(status_) && WTERMSIG(status_) == SIGXCPU)) {
      end_ = RunEnd::kCpu;
    } else if (status_ != 0 && peak_ > request_.limits.memory - request_.limits.memory / 8) {
      end_ = RunEnd::kMemory;
    } else if (status_ != 0 && server_.tmp.fd() >= 0) {
      struct statvfs space{};
      if (::fstatvfs(server_.work.fd(), &space) == 0 && (space.f_bfree == 0 || space.f_ffree == 0)) end_ = RunEnd::kSpace;
      if (WIFSIGNALED(status_) && WTERMSIG(status_) == SIGXFSZ) end_ = RunEnd::kSpace;
    }
  }

  const Server& server_;
  const RunRequest& request_;
  Spawned& run_;
  Stream out_, err_;
  std::string_view input_;
  bool running_, ended_ = false;
  RunEnd end_ = RunEnd::kExited;
  int status_ = 0;
  Forbidden forbidden_;
  uint64_t started_us_, wall_us_ = 0, cpu_us_ = 0, peak_ = 0, told_ = 0;
};

}  // namespace

void Supervise(const Server& server, const RunRequest& request, Spawned& run, WireBuffer& report) {
  Watch watch(server, request, run);
  watch.UntilEnd();
  watch.Report(report);
}

void EndStragglers() {
  char path[64], text[4096];
  ::snprintf(path, sizeof path, "/proc/self/task/%d/children", int(::getpid()));
  for (int round = 0; round < 1000; ++round) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? ::read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0) ::close(fd);
    if (n <= 0) return;
    text[n] = 0;
    for (char* at = text; *at;) {
      const long pid = ::strtol(at, &at, 10);
      if (pid > 1) ::kill(pid_t(pid), SIGKILL);
      while (*at == ' ') ++at;
    }
    ::waitpid(-1, nullptr, 0);
  }
}

}  // namespace hasten::sandbox
