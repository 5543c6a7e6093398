#include <fcntl.h>
#include <sys/mman.h>

#include "sandbox/warden/run.h"

namespace hasten::sandbox {

bool Inbox::Open() {
  const int fd = int(::syscall(SYS_memfd_create, "inbox", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (fd < 0 || ::ftruncate(fd, kShared) != 0) return false;
  void* own = ::mmap(nullptr, kShared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  // Sealed, so that no mapping made from now on can be written to, whatever a candidate asks for.
  if (own == MAP_FAILED || ::madvise(own, kShared, MADV_DONTFORK) != 0 || ::fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) != 0)
    return false;
  const void* read = ::mmap(nullptr, kShared, PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  if (read == MAP_FAILED) return false;
  shared_ = static_cast<char*>(own);
  shared_read_ = static_cast<const char*>(read);
  return true;
}

char* Inbox::Room(size_t bytes) {
  const size_t in_shared = bytes <= kShared ? bytes : 0;
  if (in_shared < used_) std::memset(shared_ + in_shared, 0, used_ - in_shared);  // of the last job a candidate sees nothing
  used_ = in_shared;
  heap_.Clear();
  bytes_ = bytes;
  if (bytes <= kShared) {
    read_ = shared_read_;
    return shared_;
  }
  char* to = heap_.Grow(bytes);
  read_ = to;
  return to;
}

}  // namespace hasten::sandbox
