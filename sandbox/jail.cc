#include "sandbox/jail.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/quote.h"
#include "sandbox/embedded.h"
#include "sandbox/filter.h"
#include "sandbox/view.h"

namespace hasten::sandbox {
namespace {

std::string Reason(int error) { return std::strerror(error); }

// A file of its own in memory, its number out of the way of those that a warden expects.
Result<int> MemoryFile(const char* name, std::string_view bytes) {
  const int low = ::memfd_create(name, MFD_CLOEXEC);
  const int fd = low < 0 ? -1 : ::fcntl(low, F_DUPFD_CLOEXEC, 16);
  if (low >= 0) ::close(low);
  if (fd < 0) return Error{Code::kExhausted, "cannot make a file in memory: " + Reason(errno)};
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n <= 0) {
      ::close(fd);
      return Error{Code::kExhausted, "cannot write a file in memory: " + Reason(errno)};
    }
    bytes.remove_prefix(size_t(n));
  }
  return fd;
}

void Word(WireBuffer& b, const std::string& word) { b.Str({word.c_str(), word.size() + 1}); }
void Words(WireBuffer& b, const std::vector<std::string>& words) {
  b.U32(uint32_t(words.size()));
  for (const std::string& w : words) Word(b, w);
}

void WriteFiles(WireBuffer& b, const std::vector<File>& files, const char* prefix) {
  for (const File& f : files) {
    b.Str(prefix + f.path);
    b.Str(f.bytes);
    b.U32(f.executable ? 0755 : 0644);
  }
}

std::vector<std::string> Environment(const JailOptions& o, const std::string& folder) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> all = {"HOME=" + folder, "LANG=C.UTF-8", "PATH=" + std::string(o.jail || !path ? kJailPath : path),
                                  "TMPDIR=" + std::string(o.jail ? "/tmp" : folder)};
  all.insert(all.end(), o.environment.begin(), o.environment.end());
  return all;
}

// `library`: where an interpreter finds hasten_serve().
void WriteStart(WireBuffer& b, const JailOptions& o, const std::string& filter, const std::string& folder,
                const std::string& library, bool cgroup) {
  const bool root = ::geteuid() == 0;
  b.U32(uint32_t(o.jail) * kStartJail | uint32_t(root) * kStartRoot | uint32_t(!o.server.empty()) * kStartZygote |
        uint32_t(cgroup) * kStartCgroup);
  b.U32(::geteuid());
  b.U32(::getegid());
  b.Str(filter);
  b.U64(o.limits.file_bytes);
  Word(b, folder);
  Words(b, o.server);
  std::vector<std::string> environment = Environment(o, folder);
  environment.push_back("HASTEN_LIBRARY=" + library);
  if (o.serve_at_start) environment.insert(environment.end(), {"LD_PRELOAD=" + library, "HASTEN_SERVE_AT_START=1"});
  Words(b, environment);
  View view = SystemView();
  view.binds.insert(view.binds.end(), o.binds.begin(), o.binds.end());
  b.U32(uint32_t(view.binds.size()));
  for (const Bind& bind : view.binds) {
    b.Str(bind.from);
    b.Str(bind.to);
    b.U32(bind.writable);
  }
  b.U32(uint32_t(view.links.size()));
  for (const auto& [target, path] : view.links) {
    b.Str(target);
    b.Str(path);
  }
  b.U32(uint32_t(view.files.size() + o.boot.size()) + 1);
  WriteFiles(b, view.files, "");
  WriteFiles(b, o.boot, "/boot/");
  WriteFiles(b, {{library, std::string(ZygoteLibrary())}}, "");
}

Result<pid_t> SpawnWarden(int control, int start, const Cgroup* cgroup) {
  static const Result<int> program = MemoryFile("hasten-warden", WardenProgram());
  if (!program) return program.error();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  if (cgroup) posix_spawn_file_actions_adddup2(&actions, cgroup->entrance(), 5);  // before 3 and 4, which it may be
  posix_spawn_file_actions_adddup2(&actions, control, 3);
  posix_spawn_file_actions_adddup2(&actions, start, 4);
  const std::string path = "/proc/self/fd/" + std::to_string(*program);
  char name[] = "hasten-warden";
  char* argv[] = {name, nullptr};
  // The kernel would write to a page of the C library's after each fork, in both processes: two faults and a copy.
  char no_rseq[] = "GLIBC_TUNABLES=glibc.pthread.rseq=0";
  char* environment[] = {no_rseq, nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, path.c_str(), &actions, nullptr, argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  if (error) return Error{Code::kUnsupported, "cannot start the jail's warden: " + Reason(error) + "; is /proc mounted?"};
  return pid;
}

Status SendMessage(int control, Ask type, const WireBuffer& body, int channel = -1) {
  if (body.failed() || body.size() > kMaxMessage)
    return Error{Code::kExhausted, Fmt("%zu bytes are too many for one run", body.size())};
  WireHeader header{uint32_t(type), uint32_t(body.size())};
  iovec parts[2] = {{&header, sizeof header}, {const_cast<char*>(body.data()), body.size()}};
  alignas(cmsghdr) char ancillary[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  if (channel >= 0) {
    message.msg_control = ancillary;
    message.msg_controllen = sizeof ancillary;
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(c), &channel, sizeof(int));
  }
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    const ssize_t n = ::sendmsg(control, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Error{Code::kBug, "the jail ended unexpectedly"};
    message.msg_controllen = 0;  // the descriptor went with the first bytes
    size_t left = size_t(n);
    for (iovec& part : parts) {
      const size_t used = std::min(left, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + used;
      part.iov_len -= used;
      left -= used;
    }
  }
  return {};
}

// Waits by poll(): one blocked in recv() is also woken when the other end reads what it was sent.
bool ReadExactly(int fd, char* to, size_t bytes) {
  while (bytes > 0) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return false;
    const ssize_t n = ::recv(fd, to, bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    to += n;
    bytes -= size_t(n);
  }
  return true;
}

Error Refusal(std::string_view body) {
  WireReader r(body);
  const int error = int(r.U32());
  const std::string what(r.Str());
  std::string advice;
  if (what.find("namespaces") != what.npos || what.find("mount") != what.npos || what.find("map users") != what.npos)
    advice =
        "; allow unprivileged user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, "
        "kernel.apparmor_restrict_unprivileged_userns), or run without a jail, by --no-jail, what you trust";
  return {Code::kUnsupported, "cannot make a jail: " + Printable(what, 200) + ": " + Reason(error) + advice};
}

// Without a jail: what it would show in /boot, below `folder`.
Status WriteFolders(const JailOptions& options, const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::create_directories(folder + "/work", failed);
  fs::create_directories(folder + "/boot", failed);
  std::vector<File> files = options.boot;
  for (File& f : files) f.path = "boot/" + f.path;
  files.push_back({"hasten.so", std::string(ZygoteLibrary())});
  for (const File& f : files) {
    const std::string path = folder + "/" + f.path;
    fs::create_directories(fs::path(path).parent_path(), failed);
    TRY(FileWriter writer, FileWriter::Create(path));
    TRY_OK(writer.Write(f.bytes));
    TRY_OK(writer.Commit());
    if (f.executable) fs::permissions(path, fs::perms(0755), failed);
  }
  for (const Bind& bind : options.binds)
    if (bind.to.starts_with("/boot/")) fs::create_symlink(bind.from, folder + bind.to, failed);
  if (failed) return Error{Code::kExhausted, "cannot write below " + folder + ": " + failed.message()};
  return {};
}

}  // namespace

// For a control group, which is the last line: the candidate's limit, its files, and the server that it is forked from.
static uint64_t RoomFor(const Limits& l) { return l.memory_bytes + l.memory_bytes / 4 + l.file_bytes + (uint64_t(192) << 20); }

Result<std::unique_ptr<Jail>> Jail::Start(const JailOptions& options) {
  static const Result<std::string> filter = SyscallFilter();
  if (!filter) return filter.error();
  std::unique_ptr<Jail> jail(new Jail);
  jail->folder_ = "/work";
  jail->boot_ = "/boot";
  std::string library = "/boot/hasten.so";
  JailOptions adapted = options;
  if (!options.jail) {
    std::string pattern = (std::filesystem::temp_directory_path() / "hasten-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) return Error{Code::kExhausted, "cannot make the folder " + pattern + ": " + Reason(errno)};
    jail->temporary_ = pattern;
    jail->folder_ = pattern + "/work";
    jail->boot_ = pattern + "/boot";
    library = pattern + "/hasten.so";
    TRY_OK(WriteFolders(options, pattern));
    for (std::string& word : adapted.server)
      if (word.starts_with("/boot/")) word = pattern + word;
  }
  WireBuffer start;
  jail->cgroup_ = Cgroup::Make(RoomFor(options.limits), options.limits.processes + 16);
  WriteStart(start, adapted, *filter, jail->folder_, library, jail->cgroup_ != nullptr);
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error{Code::kExhausted, "cannot make a socket: " + Reason(errno)};
  jail->control_ = ends[0];
  const int theirs = ::fcntl(ends[1], F_DUPFD_CLOEXEC, 16);
  ::close(ends[1]);
  const auto file = MemoryFile("hasten-start", {start.data(), start.size()});
  const auto pid = file ? SpawnWarden(theirs, *file, jail->cgroup_.get()) : Result<pid_t>(file.error());
  if (file) ::close(*file);
  ::close(theirs);
  if (!pid) return pid.error();
  jail->pid_ = *pid;
  jail->environment_ = Environment(options, jail->folder_);
  Tell type{};
  TRY(const std::string body, jail->Receive(&type));
  if (type == Tell::kFailed) return Refusal(body);
  return jail;
}

Jail::~Jail() {
  if (control_ >= 0) ::close(control_);  // the warden ends when nobody listens, and with it all that is in the jail
  while (pid_ > 0 && ::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

Error Jail::Ended() { return {Code::kBug, "the jail ended unexpectedly"}; }

Result<std::string> Jail::Receive(Tell* type) {
  WireHeader header{};
  if (!ReadExactly(control_, reinterpret_cast<char*>(&header), sizeof header) || header.bytes > kMaxMessage) return Ended();
  std::string body(header.bytes, '\0');
  if (!ReadExactly(control_, body.data(), body.size())) return Ended();
  *type = Tell(header.type);
  return body;
}

Status Jail::Begin(const Job& job) {
  for (const File& f : job.files)
    if (f.path.empty() || f.path.front() == '/' || ("/" + f.path + "/").find("/../") != std::string::npos)
      return Error{Code::kBadInput, "'" + Printable(f.path) + "' is no path inside of the candidate's folder"};
  if (job.argv.size() > 1000) return Error{Code::kBadInput, Fmt("%zu arguments are more than 1000", job.argv.size())};
  WireBuffer b;
  b.U32(uint32_t(job.collect) * kRunCollect | uint32_t(job.wait_go) * kRunWaitGo | uint32_t(job.wipe) * kRunWipe |
        uint32_t(job.channel >= 0) * kRunChannel);
  b.U32(uint32_t(job.kind));
  const Limits& l = job.limits;
  WriteLimits(b, {.wall_us = uint64_t(l.wall_s * 1e6),
                  .cpu_us = uint64_t(l.cpu_s * 1e6),
                  .memory = l.memory_bytes,
                  .output = l.output_bytes,
                  .head = l.head_bytes,
                  .file_bytes = l.file_bytes,
                  .processes = l.processes});
  Words(b, job.argv);
  Words(b, job.kind == RunKind::kExec ? environment_ : std::vector<std::string>());
  b.Str(job.input);
  Word(b, job.source);
  b.Str(job.calls);
  b.U32(uint32_t(job.files.size()));
  WriteFiles(b, job.files, "");
  return SendMessage(control_, Ask::kRun, b, job.channel);
}

Status Jail::Go() { return SendMessage(control_, Ask::kGo, {}); }
Status Jail::Wipe() { return SendMessage(control_, Ask::kWipe, {}); }

Result<Outcome> Jail::Finish(const std::function<bool(std::string_view answers)>& enough) {
  Outcome o;
  Tell type{};
  TRY(std::string body, Receive(&type));
  while (type == Tell::kAnswers) {
    o.answers += body;
    if (enough && enough(o.answers)) TRY_OK(SendMessage(control_, Ask::kEnough, {}));
    TRY(body, Receive(&type));
  }
  if (type != Tell::kReport) return Refusal(body);
  WireReader r(body);
  o.end = RunEnd(r.U32());
  o.status = int(r.U32());
  const uint32_t number = r.U32(), arch = r.U32();
  if (o.end == RunEnd::kForbidden) o.forbidden = SyscallName(number, arch);
  o.wall_s = double(r.U64()) * 1e-6;
  o.cpu_s = double(r.U64()) * 1e-6;
  o.peak_memory_bytes = r.U64();
  o.out_bytes = r.U64();
  o.err_bytes = r.U64();
  o.out = r.Str();
  o.err = r.Str();
  o.answers += r.Str();
  for (uint32_t n = r.U32(); n-- > 0 && r.ok();) {
    File f{std::string(r.Str()), std::string(r.Str())};
    f.executable = r.U32() & 0111;
    o.files.push_back(std::move(f));
  }
  for (uint32_t n = r.U32(); n-- > 0 && r.ok();) o.refused.emplace_back(r.Str());
  if (!r.ok()) return Ended();
  if (cgroup_ && cgroup_->KilledForMemory() && o.status != 0 && o.end <= RunEnd::kSignalled) o.end = RunEnd::kMemory;
  // The kernel's own end of a filtered call: another calling convention, which cannot be told to anyone.
  if (o.end == RunEnd::kSignalled && WTERMSIG(o.status) == SIGSYS) {
    o.end = RunEnd::kForbidden;
    o.forbidden = "a call of another architecture (32-bit or x32)";
  }
  return o;
}

Result<Outcome> Jail::Run(const Job& job) {
  TRY_OK(Begin(job));
  return Finish();
}

int Outcome::exit_code() const { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

Verdict VerdictOf(const Outcome& o) {
  switch (o.end) {
    case RunEnd::kExited:
      return o.status == 0 ? Verdict::kAccepted : Verdict::kWrong;
    case RunEnd::kSignalled:
      return Verdict::kCrashed;
    case RunEnd::kWall:
    case RunEnd::kCpu:
      return Verdict::kTimedOut;
    case RunEnd::kMemory:
    case RunEnd::kSpace:
      return Verdict::kOutOfMemory;
    case RunEnd::kOutput:
      return Verdict::kOutputTooLong;
    case RunEnd::kForbidden:
      return Verdict::kForbidden;
  }
  return Verdict::kCrashed;
}

std::string Explain(const Outcome& o, const Limits& l) {
  switch (o.end) {
    case RunEnd::kExited:
      return o.status == 0 ? "" : Fmt("it ended with exit code %d", o.exit_code());
    case RunEnd::kSignalled:
      return Fmt("it was ended by signal %d (%s)", WTERMSIG(o.status), ::strsignal(WTERMSIG(o.status)));
    case RunEnd::kWall:
      return Fmt("it was still running after %g seconds", l.wall_s);
    case RunEnd::kCpu:
      return Fmt("it used more than %g seconds of processor time", l.cpu_s);
    case RunEnd::kMemory:
      return Fmt("it used more than %zu MiB of memory", l.memory_bytes >> 20);
    case RunEnd::kSpace:
      return Fmt("its files took more than %zu MiB", l.file_bytes >> 20);
    case RunEnd::kOutput:
      return Fmt("it wrote more than %zu bytes of output", l.output_bytes);
    case RunEnd::kForbidden:
      return "it made a system call that the jail forbids: " + o.forbidden;
  }
  return {};
}

const Status& JailWorksHere() {
  static const Status works = [] {
    const auto jail = Jail::Start({});
    return jail ? Status() : Status(jail.error());
  }();
  return works;
}

}  // namespace hasten::sandbox
