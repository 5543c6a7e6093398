// The file system of the jail: a small tmpfs with read-only views of what an interpreter needs, and two folders to write in.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "sandbox/warden/warden.h"

namespace hasten::sandbox {
namespace {

// A path as a C string: `prefix` + `path`. Too long a path is the library's mistake and ends the warden.
struct Path {
  char text[PATH_MAX];
  Path(const char* prefix, std::string_view path) {
    const size_t n = ::strlen(prefix);
    if (n + path.size() >= sizeof text || path.find('\0') != path.npos) Fail(kControlFd, "a path is too long", ENAMETOOLONG);
    std::memcpy(text, prefix, n);
    std::memcpy(text + n, path.data(), path.size());
    text[n + path.size()] = 0;
  }
};

[[noreturn]] void FailAt(const char* what, const char* path, int error) {
  char text[PATH_MAX + 64];
  size_t n = 0;
  for (const char* part : {what, path})
    for (; *part && n + 1 < sizeof text; ++part) text[n++] = *part;
  text[n] = 0;
  Fail(kControlFd, text, error);
}

void MakeFolders(char* path) {
  for (char* c = path + 1; *c; ++c)
    if (*c == '/') {
      *c = 0;
      if (::mkdir(path, 0755) != 0 && errno != EEXIST) FailAt("cannot make the folder ", path, errno);
      *c = '/';
    }
}

void Mount(const char* what, const char* where, const char* type, unsigned long flags, const char* options) {
  if (::mount(what, where, type, flags, options) != 0) FailAt("cannot mount on ", where, errno);
}

// `source` of the old root, seen at `target` of the new one. Read-only also for what is mounted below it.
void Bind(std::string_view source, std::string_view target, bool writable) {
  Path from("/old", source), to("/new", target);
  struct stat info{};
  if (::stat(from.text, &info) != 0) FailAt("cannot show in the jail: ", from.text + 4, errno);
  MakeFolders(to.text);
  if (S_ISDIR(info.st_mode)) {
    if (::mkdir(to.text, 0755) != 0 && errno != EEXIST) FailAt("cannot make the folder ", to.text + 4, errno);
  } else {
    const int fd = ::open(to.text, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) FailAt("cannot make the file ", to.text + 4, errno);
    ::close(fd);
  }
  Mount(from.text, to.text, nullptr, MS_BIND | MS_REC, nullptr);
  struct mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID | (S_ISCHR(info.st_mode) ? 0 : MOUNT_ATTR_NODEV);
  if (!writable) attributes.attr_set |= MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, to.text, AT_RECURSIVE, &attributes, sizeof attributes) != 0)
    FailAt("cannot make read-only: ", to.text + 4, errno);
}

void MakeFile(std::string_view path, std::string_view bytes, uint32_t mode) {
  Path to("/new", path);
  MakeFolders(to.text);
  const int fd = ::open(to.text, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode);
  if (fd < 0) FailAt("cannot write the file ", to.text + 4, errno);
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n <= 0) FailAt("cannot write the file ", to.text + 4, errno);
    bytes.remove_prefix(size_t(n));
  }
  ::close(fd);
}

// One tmpfs behind /work and /tmp, so that one limit holds for both.
void MakeFolderOfCandidate(uint64_t bytes) {
  char options[96];
  ::snprintf(options, sizeof options, "mode=755,size=%llu,nr_inodes=16384", static_cast<unsigned long long>(bytes));
  for (const char* path : {"/new/work", "/new/tmp", "/new/.box"}) ::mkdir(path, 0755);
  Mount("tmpfs", "/new/.box", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOATIME, options);  // to look is not to touch
  for (const char* part : {"/work", "/tmp"}) {
    const Path from("/new/.box", part), to("/new", part);
    ::mkdir(from.text, 0755);
    if (::chown(from.text, kCandidateUser, kCandidateUser) != 0) FailAt("cannot give away ", part, errno);
    Mount(from.text, to.text, nullptr, MS_BIND, nullptr);
  }
  ::umount2("/new/.box", MNT_DETACH);
  ::rmdir("/new/.box");
}

// The warden sees all processes of the jail, a candidate its own only, and of /proc nothing but processes. Where the kernel
// lets nobody mount it (a container hides parts of its own /proc), there is none, and memory is limited by process alone.
void MountProc() {
  ::mkdir("/new/proc", 0555);
  if (::mount("proc", "/new/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) return;
  const int fd = ::open("/new/proc", O_RDONLY | O_DIRECTORY);
  ::umount2("/new/proc", MNT_DETACH);
  if (fd >= 0 && fd != kProcFd) {
    ::dup2(fd, kProcFd);
    ::close(fd);
  }
  ::mount("proc", "/new/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=4,subset=pid");
}

}  // namespace

void BuildRoot(WireReader& start, uint64_t file_bytes) {
  Mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  // First the world becomes /old below an empty root, so that what is bound may lie anywhere, /tmp included.
  Mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64k,nr_inodes=64");
  if (::chdir("/tmp") != 0 || ::mkdir("old", 0755) != 0 || ::mkdir("new", 0755) != 0 ||
      ::syscall(SYS_pivot_root, ".", "old") != 0 || ::chdir("/") != 0)
    FailAt("cannot change the root to ", "/tmp", errno);
  Mount("tmpfs", "/new", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64m,nr_inodes=4096");
  MakeFolderOfCandidate(file_bytes);  // first, so that something may be shown below /tmp
  for (uint32_t n = start.U32(); n-- > 0;) {
    const std::string_view source = start.Str(), target = start.Str();
    Bind(source, target, start.U32() != 0);
  }
  for (uint32_t n = start.U32(); n-- > 0;) {
    const std::string_view target = start.Str(), path = start.Str();
    const Path to("", target);
    Path at("/new", path);
    MakeFolders(at.text);
    if (::symlink(to.text, at.text) != 0 && errno != EEXIST) FailAt("cannot link ", at.text + 4, errno);
  }
  for (uint32_t n = start.U32(); n-- > 0;) {
    const std::string_view path = start.Str(), bytes = start.Str();
    MakeFile(path, bytes, start.U32());
  }
  MountProc();
  struct mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, "/new", 0, &attributes, sizeof attributes) != 0) FailAt("cannot make read-only: ", "/", errno);
  if (::chdir("/new") != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 || ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0)
    FailAt("cannot change the root to ", "/new", errno);
}

}  // namespace hasten::sandbox
