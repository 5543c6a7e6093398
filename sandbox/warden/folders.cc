// The candidate's files: written before a run, collected and removed after it. The folder is hostile by then: names of any
// bytes, links to anywhere, chains of folders thousands deep. Nothing follows a symbolic link and nothing recurses.
// Names are wiped from the stack, which the next candidate's fork has, too.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

// Walks the entries of an open folder: getdents64 into a buffer of its own, so that nothing is allocated.
class Entries {
 public:
  explicit Entries(int fd) : fd_(fd) {}
  Entries(const Entries&) = delete;
  Entries& operator=(const Entries&) = delete;
  ~Entries() { ::explicit_bzero(buffer_, sizeof buffer_); }
  const dirent64* Next() {
    for (;;) {
      if (at_ >= end_) {
        end_ = ::syscall(SYS_getdents64, fd_, buffer_, sizeof buffer_);
        at_ = 0;
        if (end_ <= 0) return nullptr;
      }
      const auto* entry = reinterpret_cast<const dirent64*>(buffer_ + at_);
      at_ += entry->d_reclen;
      const char* name = entry->d_name;
      if (name[0] != '.' || (name[1] && (name[1] != '.' || name[2]))) return entry;
    }
  }

 private:
  int fd_;
  long at_ = 0, end_ = 0;
  alignas(dirent64) char buffer_[1024];  // three of the longest; a page of stack more is a fault for each candidate
};

constexpr mode_t kFolderMode = 0755;

int OpenFolder(int at, const char* name) {
  return ::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

struct Collection {
  uint64_t left;  // bytes that may still be taken
  WireBuffer &files, &refused;
  uint32_t *count, *refused_count;
  char path[PATH_MAX];
};

void Refuse(Collection& c) {
  c.refused.Str(c.path);
  ++*c.refused_count;
}

void CollectFile(Collection& c, int folder, const char* name) {
  const int fd = ::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info{};
  if (fd < 0 || ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || uint64_t(info.st_size) > c.left) {
    Refuse(c);
    if (fd >= 0) ::close(fd);
    return;
  }
  c.left -= uint64_t(info.st_size);
  c.files.Str(c.path);
  c.files.U64(uint64_t(info.st_size));
  size_t wanted = size_t(info.st_size);
  char* to = c.files.Grow(wanted);
  for (size_t done = 0; to && done < wanted;) {
    const ssize_t n = ::pread(fd, to + done, wanted - done, off_t(done));
    if (n <= 0) {
      std::memset(to + done, 0, wanted - done);  // it shrank: nobody is left who could, but a reader must agree on sizes
      break;
    }
    done += size_t(n);
  }
  c.files.U32(info.st_mode & 0777);
  ++*c.count;
  ::close(fd);
}

constexpr int kDepth = 16;  // deeper folders are refused, not followed

void CollectFolder(Collection& c, int folder, size_t prefix, int depth) {
  Entries entries(folder);
  while (const dirent64* entry = entries.Next()) {
    const size_t n = ::strlen(entry->d_name);
    if (prefix + n + 2 > sizeof c.path || *c.count + *c.refused_count >= 4096) return Refuse(c);
    std::memcpy(c.path + prefix, entry->d_name, n + 1);
    struct stat info{};
    if (::fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(info.st_mode)) {
      CollectFile(c, folder, entry->d_name);
    } else if (const int sub = S_ISDIR(info.st_mode) && depth < kDepth ? OpenFolder(folder, entry->d_name) : -1; sub >= 0) {
      c.path[prefix + n] = '/';
      CollectFolder(c, sub, prefix + n + 1, depth + 1);
      ::close(sub);
    } else {
      Refuse(c);
    }
  }
}

bool Remove(int folder, const char* name) {
  return ::unlinkat(folder, name, 0) == 0 || ::unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

// Moves the folders inside of `sub` up beside it and removes the rest, so that no depth needs a stack. Counts what it did.
void Flatten(int folder, const char* name, unsigned* serial, unsigned* done) {
  const int sub = OpenFolder(folder, name);
  if (sub < 0) return;
  Entries entries(sub);
  while (const dirent64* entry = entries.Next()) {
    char moved[32];
    ::snprintf(moved, sizeof moved, ".wipe-%u", (*serial)++);
    *done += Remove(sub, entry->d_name) || ::renameat(sub, entry->d_name, folder, moved) == 0;
  }
  ::close(sub);
}

}  // namespace

bool WriteFile(int folder, std::string_view path, std::string_view bytes, uint32_t mode) {
  char text[PATH_MAX];
  if (path.empty() || path.size() >= sizeof text) return false;
  std::memcpy(text, path.data(), path.size());
  text[path.size()] = 0;
  const bool own = g_state.flags & kStartJail;
  for (char* c = text; *c; ++c)
    if (*c == '/') {
      *c = 0;
      if (::mkdirat(folder, text, 0755) == 0 && own) (void)!::fchownat(folder, text, kCandidateUser, kCandidateUser, 0);
      *c = '/';
    }
  const int fd = ::openat(folder, text, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, mode);
  if (fd < 0) return false;
  if (own) (void)!::fchown(fd, kCandidateUser, kCandidateUser);
  bool ok = true;
  while (ok && !bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    ok = n > 0;
    if (ok) bytes.remove_prefix(size_t(n));
  }
  ::close(fd);
  ::explicit_bzero(text, path.size());
  return ok;
}

void Collect(int folder, uint64_t limit, WireBuffer& files, uint32_t* count, WireBuffer& refused, uint32_t* refused_count) {
  Collection c{limit, files, refused, count, refused_count, {}};
  ::lseek(folder, 0, SEEK_SET);
  CollectFolder(c, folder, 0, 0);
  ::explicit_bzero(c.path, sizeof c.path);
}

bool Folder::Open(const char* path, bool own) {
  fd_ = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat info{};
  if (fd_ < 0 || ::fstat(fd_, &info) != 0) return false;
  if (own && !Entries(fd_).Next()) empty_bytes_ = info.st_size;
  if (own) ResetTimes();
  return true;
}

// Whoever owns a folder may set its times to any, which the next candidate could read as a message.
void Folder::ResetTimes() const {
  constexpr timespec kNone[2] = {};
  ::futimens(fd_, kNone);
}

// A folder of a tmpfs has a size that counts its entries.
bool Folder::IsUntouched() const {
  struct stat info{};
  if (empty_bytes_ < 0 || ::fstat(fd_, &info) != 0) return false;
  const bool timeless = !(info.st_mtim.tv_sec | info.st_mtim.tv_nsec | info.st_atim.tv_sec | info.st_atim.tv_nsec);
  return timeless && info.st_size == empty_bytes_ && (info.st_mode & 07777) == kFolderMode;
}

void Folder::Wipe() const {
  if (IsUntouched()) return;
  unsigned serial = 0;
  ::fchmod(fd_, kFolderMode);
  // Each round removes files and empty folders and lifts what is inside of the others; rounds end because inodes do. What
  // stays is what the jail itself shows there: a bound folder is busy.
  for (unsigned done = 1; done > 0;) {
    done = 0;
    ::lseek(fd_, 0, SEEK_SET);
    Entries entries(fd_);
    while (const dirent64* entry = entries.Next()) {
      if (Remove(fd_, entry->d_name)) {
        ++done;
      } else if (errno != EBUSY) {
        Flatten(fd_, entry->d_name, &serial, &done);
      }
    }
  }
  ResetTimes();
}

}  // namespace hasten::sandbox
