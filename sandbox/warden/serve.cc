#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "sandbox/warden/run.h"

namespace hasten::sandbox {

ServerState g_state{};

bool RunRequest::Read(WireReader& r, int work) {
  flags = r.U32();
  kind = RunKind(r.U32());
  limits = ReadLimits(r);
  for (WireReader* words : {&argv, &environment}) {
    *words = r;
    const uint32_t n = r.U32();
    if (n > kMaxWords) return false;
    for (uint32_t i = 0; i < n; ++i) r.Str();
  }
  input = r.Str();
  source = r.Str();
  calls = r.Str();
  bool written = true;
  for (uint32_t n = r.U32(); n-- > 0 && r.ok();) {
    const std::string_view path = r.Str(), bytes = r.Str();
    written = WriteFile(work, path, bytes, r.U32()) && written;
  }
  return r.ok() && written;
}

namespace {

// The filter holds for the server too, and with it for every candidate: installed once, inherited for nothing.
int InstallFilter(std::string_view program) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) Fail(kControlFd, "cannot give up new privileges", errno);
  const sock_fprog filter{static_cast<unsigned short>(program.size() / sizeof(sock_filter)),
                          reinterpret_cast<sock_filter*>(const_cast<char*>(program.data()))};
  const long fd = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
  if (fd < 0) Fail(kControlFd, "cannot install the filter of system calls", errno);
  return int(fd);
}

Space FreeSpace(const Server& server) {
  struct statvfs now{};
  return ::fstatvfs(server.work.fd(), &now) == 0 ? Space{now.f_bfree, now.f_ffree} : Space{};
}

void Prepare(Server& server) {
  struct stat info{};
  if (::fstat(kStartFd, &info) != 0) Leave(1);
  const size_t size = size_t(info.st_size);
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, kStartFd, 0);
  if (start == MAP_FAILED) Fail(kControlFd, "cannot read the start message", errno);
  WireReader r(static_cast<const char*>(start), size);
  server.flags = r.U32();
  g_state.flags = server.flags;
  r.U32();  // user and group outside
  r.U32();
  const std::string_view filter = r.Str();
  r.U64();
  const char* folder = r.Str().data();
  server.null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (!server.work.Open(folder, server.flags & kStartJail) || server.null < 0)
    Fail(kControlFd, "cannot open the candidate's folder", errno);
  if (!(server.flags & kStartZygote)) server.loaded.Read();
  if (!(server.flags & kStartZygote) && !server.answers.Open()) Fail(kControlFd, "cannot make room for answers", errno);
  LimitServer();
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!(server.flags & kStartJail)) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    return;
  }
  server.base_bytes = OwnDataBytes();
  if (!server.tmp.Open("/tmp", true)) Fail(kControlFd, "cannot open the candidate's /tmp", errno);
  server.free = FreeSpace(server);
  server.self = int(::syscall(SYS_pidfd_open, ::getpid(), 0));
  if (server.self < 0) Fail(kControlFd, "cannot open the jail's first process", errno);
  ::fcntl(kProcFd, F_SETFD, FD_CLOEXEC);
  server.notify = InstallFilter(filter);
  ::munmap(start, size);
}

// A file without a name lives on in sockets that wait in each other, until the kernel looks for such: at the next end of one.
void AwaitSpace(Server& server) {
  constexpr int kTries = 1000;
  Space now = FreeSpace(server);
  for (int i = 0; i < kTries && (now.blocks < server.free.blocks || now.files < server.free.files); ++i) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) break;
    for (const int fd : ends) ::close(fd);
    ::usleep(100);
    now = FreeSpace(server);
  }
  if (now.blocks < server.free.blocks || now.files < server.free.files) server.free = now;  // not waited for again
}

void WipeFolders(Server& server) {
  server.work.Wipe();
  if (server.tmp.fd() < 0) return;
  server.tmp.Wipe();
  AwaitSpace(server);
}

void ReportFailure(WireBuffer& report, int error) {
  report.Clear();
  report.U32(uint32_t(RunEnd::kSpace));
  report.U32(uint32_t(error));
  for (int i = 0; i < 2; ++i) report.U32(0);
  for (int i = 0; i < 8; ++i) report.U64(0);  // five figures, two empty heads, no answers
}

[[gnu::noinline]] void ReportFiles(const Server& server, const RunRequest& request, WireBuffer& report) {
  WireBuffer files, refused;
  uint32_t counts[2] = {0, 0};
  Collect(server.work.fd(), request.limits.file_bytes, files, &counts[0], refused, &counts[1]);
  const WireBuffer* lists[] = {&files, &refused};
  for (int i = 0; i < 2; ++i) {
    report.U32(counts[i]);
    report.Raw(lists[i]->data(), lists[i]->size());
  }
}

// True in the child of a kReturn run.
// `report` is empty and keeps its memory from run to run: to give it back and take it again is pages touched.
bool RunOne(Server& server, std::string_view message, int channel, WireBuffer& report) {
  RunRequest request;
  WireReader reader(message);
  request.channel = channel;
  const bool read = request.Read(reader, server.work.fd());
  bool child = false;
  Spawned run;
  if (request.kind == RunKind::kSql) LoadSql();
  if (request.kind == RunKind::kNative) server.loaded.AddMath(request.source);
  if (read) run = Spawn(server, request, &child);
  if (child) return true;
  if (channel >= 0) ::close(channel);  // whether there is a candidate or not: who waits at its other end must see that
  if (run.pid > 0)
    Supervise(server, request, run, report);
  else
    ReportFailure(report, run.error ? run.error : ENOSPC);
  if (request.flags & kRunCollect) {
    ReportFiles(server, request, report);
  } else {
    report.U32(0);
    report.U32(0);
  }
  if (!Send(kControlFd, Tell::kReport, report)) Leave(0);
  report.Clear();
  if (request.flags & kRunWipe) WipeFolders(server);
  if (request.kind == RunKind::kNative) server.answers.Wipe();
  return false;
}

// Returns in the child of a kReturn run.
[[gnu::noinline]] void Loop() {
  Inbox inbox;
  WireBuffer report;
  if (!inbox.Open()) Fail(kControlFd, "cannot make room for jobs", errno);
  static Server server;  // read by children and hardly ever written: nothing that a fork would copy
  Prepare(server);
  Send(kControlFd, Tell::kReady, {});
  for (;;) {
    WireHeader head{};
    int channel = -1;
    if (!ReceiveHead(kControlFd, &head, &channel)) Leave(0);
    char* body = inbox.Room(head.bytes);
    if (!body || !ReceiveAll(kControlFd, body, head.bytes)) Leave(0);
    if (Ask(head.type) == Ask::kRun && RunOne(server, inbox.Message(), channel, report)) return;
    if (Ask(head.type) == Ask::kWipe) WipeFolders(server);
  }
}

}  // namespace

// The frames of the loop and of all that a candidate does before its own code, some three kilobytes, on one page of the stack:
// every page more is copied for each candidate.
void Serve() {
  constexpr uintptr_t kPage = 4096;
  void* const rest_of_page = __builtin_alloca(reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) % kPage);
  __asm__ volatile("" : : "r"(rest_of_page) : "memory");
  Loop();
}

}  // namespace hasten::sandbox
