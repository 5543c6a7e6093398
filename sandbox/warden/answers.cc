// What a forked candidate answers: memory that it shares with the server. An answer is no system call and wakes nobody; the
// server reads when the candidate has ended, or after a while, so that one which is wrong need not run on.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "sandbox/warden/run.h"

namespace hasten::sandbox {

// Alone with the candidate's processes, which may write anything at any time: the server reads each number once.
struct Answers::Area {
  uint64_t used;
  char bytes[kAnswersBytes - sizeof(uint64_t)];
};

static void* Map(int fd, size_t bytes) {
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  return at == MAP_FAILED ? nullptr : at;
}

bool Answers::Open() {
  fd_ = int(::syscall(SYS_memfd_create, "answers", MFD_CLOEXEC));
  if (fd_ < 0 || ::ftruncate(fd_, sizeof(Area)) != 0) return false;
  shown_ = static_cast<Area*>(Map(fd_, kShownBytes));  // near other mappings: no page table of its own in each child
  area_ = static_cast<Area*>(Map(fd_, sizeof(Area)));
  if (!shown_ || !area_ || ::madvise(area_, sizeof(Area), MADV_DONTFORK) != 0) return false;
  area_->used = 0;  // the first page is there, and stays
  return true;
}

bool AnswerWriter::Reach(uint64_t bytes) {
  if (bytes <= reach_) return true;
  const long at = Raw(SYS_mremap, area_, reach_, sizeof(Answers::Area), MREMAP_MAYMOVE);
  if (at < 0) return false;
  area_ = reinterpret_cast<Answers::Area*>(at);
  reach_ = sizeof(Answers::Area);
  return true;
}

bool AnswerWriter::Add(AnswerKind kind, std::string_view value) {
  constexpr uint64_t kRefusalBytes = 4096;  // room that values leave
  const uint64_t size = value.size(), used = area_->used, head = sizeof kind + sizeof size,
                 capacity = sizeof area_->bytes - (kind == AnswerKind::kValue) * kRefusalBytes;
  if (used > capacity || capacity - used < head + size || !Reach(sizeof used + used + head + size)) return false;
  char* to = area_->bytes + used;
  std::memcpy(to, &kind, sizeof kind);
  std::memcpy(to + sizeof kind, &size, sizeof size);
  RawCopy(to + head, value.data(), size);
  __atomic_store_n(&area_->used, used + head + size, __ATOMIC_RELEASE);
  return true;
}

std::string_view Answers::Since(uint64_t told) const {
  if (!area_) return {};
  uint64_t used = __atomic_load_n(&area_->used, __ATOMIC_ACQUIRE);
  if (used > sizeof area_->bytes) used = sizeof area_->bytes;
  return used > told ? std::string_view(area_->bytes + told, used - told) : std::string_view();
}

// One page is kept, whatever else was written goes back to the kernel: what it holds says whether there is any.
void Answers::Wipe() const {
  if (!area_) return;
  constexpr size_t kPage = 4096;
  struct stat info{};
  if (::fstat(fd_, &info) != 0 || info.st_blocks > blkcnt_t(kPage / 512))
    ::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kPage, sizeof(Area) - kPage);
  std::memset(static_cast<void*>(area_), 0, kPage);
}

}  // namespace hasten::sandbox
