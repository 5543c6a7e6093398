// Memory and processor time of all processes of a candidate, from the warden's own view of /proc.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

// A small file of /proc as text; empty where the process is gone.
std::string_view ReadSmall(const char* path, char* buffer, size_t size) {
  const int fd = ::openat(kProcFd, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t n = ::read(fd, buffer, size - 1);
  ::close(fd);
  if (n <= 0) return {};
  buffer[n] = 0;
  return {buffer, size_t(n)};
}

uint64_t KibAfter(std::string_view text, const char* name) {
  const size_t at = text.find(name);
  return at == text.npos ? 0 : ::strtoull(text.data() + at + std::strlen(name), nullptr, 10) * 1024;
}

uint64_t g_ticks_per_s = 100;

void Add(const char* pid, uint64_t base, Usage* sum) {
  char path[32], buffer[4096];
  ::snprintf(path, sizeof path, "%.10s/status", pid);
  std::string_view text = ReadSmall(path, buffer, sizeof buffer);
  const uint64_t memory = KibAfter(text, "RssAnon:") + KibAfter(text, "RssShmem:");
  sum->memory += memory > base ? memory - base : 0;
  ::snprintf(path, sizeof path, "%.10s/stat", pid);
  text = ReadSmall(path, buffer, sizeof buffer);
  const size_t name_end = text.rfind(')');  // the name may hold anything
  const char* at = name_end == text.npos ? nullptr : text.data() + name_end + 2;
  for (int field = 3; field < 14 && at; ++field) at = (at = std::strchr(at, ' ')) ? at + 1 : nullptr;
  for (int field = 14; field < 18 && at; ++field) {  // utime, stime, and those of children waited for
    char* end = nullptr;
    sum->cpu_us += ::strtoull(at, &end, 10) * (1000000 / g_ticks_per_s);
    at = end;
  }
  ::explicit_bzero(buffer, sizeof buffer);  // the name would stay on the stack, which the next candidate's fork has, too
}

uint64_t g_base_memory = 0;

}  // namespace

uint64_t OwnDataBytes() {
  g_ticks_per_s = uint64_t(::sysconf(_SC_CLK_TCK));
  char buffer[4096];
  const std::string_view text = ReadSmall("1/status", buffer, sizeof buffer);
  g_base_memory = KibAfter(text, "RssAnon:");
  return KibAfter(text, "VmData:");
}

// Everything in the jail but its first process is the candidate's.
Usage MeasureUsage(bool forked_server) {
  Usage sum;
  const int folder = ::openat(kProcFd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return sum;
  alignas(dirent64) char buffer[8192];
  for (long n; (n = ::syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0;)
    for (long at = 0; at < n;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
      at += entry->d_reclen;
      const char* name = entry->d_name;
      if (name[0] < '1' || name[0] > '9' || (name[0] == '1' && !name[1])) continue;
      Add(name, forked_server ? g_base_memory : 0, &sum);
    }
  ::close(folder);
  return sum;
}

}  // namespace hasten::sandbox
