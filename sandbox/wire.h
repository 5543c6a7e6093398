// What the library and the warden say to each other over a socket: a header, then values in the order written here. Both ends
// are built together, so there is no version. The warden has no C++ library to lean on, hence a buffer of its own.
//
// Start (library to warden, in a file): flags, user, group, filter, bytes for files, folder, lists of arguments and of
// environment, then for the file system lists of binds (from, to, writable), links (target, path), files (path, bytes, mode).
// Words of arguments and environment, and the folder, carry their ending zero: they are used in place.
// Run (library to warden): flags, kind, limits, lists of arguments and of environment, input, source, calls, list of files
// (path, bytes, mode). Report (warden to library): end, status, system call, architecture, wall_us, cpu_us, peak, sizes and
// heads of both outputs, answers that were not told yet, list of files (path, bytes, mode), list of refused paths. Calls are
// (symbol, signature, arguments) each, answers (AnswerKind, eight bytes or a text). Answers of a run that takes long are told
// before its report; the library may say then that it heard enough.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace hasten::sandbox {

enum class Ask : uint32_t { kRun = 1, kGo, kWipe, kEnough };
enum class Tell : uint32_t { kReady = 101, kFailed, kReport, kAnswers };
enum class AnswerKind : uint32_t { kValue = 1, kRefusal };  // a refusal says why there is no value
struct WireHeader {
  uint32_t type, bytes;
};
constexpr uint32_t kMaxMessage = uint32_t(1) << 30;

enum StartFlags : uint32_t {
  kStartJail = 1,    // namespaces and filter; without: resource limits only
  kStartRoot = 2,    // the caller is root: candidates get another user than the warden
  kStartZygote = 4,  // become the interpreter of the argument list, which calls hasten_serve()
  kStartCgroup = 8,  // descriptor 5 is the entrance of a control group
};
enum RunFlags : uint32_t {
  kRunCollect = 1,  // return the files left in the folder
  kRunWaitGo = 2,   // the clock starts when kGo arrives: for processes started ahead of their work
  kRunWipe = 4,     // empty the folders afterwards
  kRunChannel = 8,  // a socket comes along: it becomes descriptor 3
};
enum class RunKind : uint32_t { kExec, kReturn, kNative, kSql };
enum class RunEnd : uint32_t { kExited, kSignalled, kWall, kCpu, kMemory, kOutput, kForbidden, kSpace };

struct WireLimits {
  uint64_t wall_us, cpu_us, memory, output, head, file_bytes, processes;
};

// Bytes that grow; a few lie in the buffer itself. Running out of memory ends in `failed`, never in an exception.
//
// Candidates are forks of the warden, so what one said must not stay for the next to read or to be charged for: bytes that are
// let go of are wiped, and many of them are a mapping of their own, which goes back to the kernel at once.
class WireBuffer {
 public:
  WireBuffer() = default;
  WireBuffer(const WireBuffer&) = delete;
  WireBuffer& operator=(const WireBuffer&) = delete;
  ~WireBuffer() { Release(); }
  const char* data() const { return heap_ ? heap_ : few_; }
  size_t size() const { return size_; }
  bool failed() const { return failed_; }
  void Clear() {
    if (capacity_ >= kMapped) return Release();
    ::explicit_bzero(heap_ ? heap_ : few_, size_);
    size_ = 0;
  }
  char* Grow(size_t bytes) {  // room for `bytes` more, counted as used; nullptr where there is no memory
    if (size_ + bytes > capacity_) {
      const size_t wanted = (size_ + bytes) * 2;
      char* const moved = Take(wanted);
      if (!moved) return failed_ = true, nullptr;
      const size_t kept = size_;
      std::memcpy(moved, data(), kept);
      Release();
      heap_ = moved;
      capacity_ = wanted;
      size_ = kept;
    }
    size_ += bytes;
    return (heap_ ? heap_ : few_) + size_ - bytes;
  }
  void Shrink(size_t bytes) { size_ -= bytes; }
  void Raw(const void* from, size_t bytes) {
    char* to = Grow(bytes);
    if (to && bytes) std::memcpy(to, from, bytes);
  }
  void U32(uint32_t v) { Raw(&v, sizeof v); }
  void U64(uint64_t v) { Raw(&v, sizeof v); }
  void Str(std::string_view s) {
    U64(s.size());
    Raw(s.data(), s.size());
  }
  void Set32(size_t at, uint32_t v) {
    if (at + sizeof v <= size_) std::memcpy((heap_ ? heap_ : few_) + at, &v, sizeof v);
  }

 private:
  static constexpr size_t kFew = 256, kMapped = size_t(128) << 10;
  static char* Take(size_t bytes) {
    if (bytes < kMapped) return static_cast<char*>(std::malloc(bytes));
    void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? nullptr : static_cast<char*>(at);
  }
  void Release() {
    if (heap_ && capacity_ >= kMapped) {
      ::munmap(heap_, capacity_);
    } else {
      ::explicit_bzero(heap_ ? heap_ : few_, size_);
      std::free(heap_);
    }
    heap_ = nullptr;
    size_ = 0;
    capacity_ = kFew;
  }
  char* heap_ = nullptr;
  size_t size_ = 0, capacity_ = kFew;
  bool failed_ = false;
  char few_[kFew];
};

// Reads what a WireBuffer wrote; past the end everything is zero or empty and ok() is false.
class WireReader {
 public:
  WireReader(const char* data, size_t size) : at_(data), left_(size) {}
  explicit WireReader(std::string_view bytes) : WireReader(bytes.data(), bytes.size()) {}
  bool ok() const { return ok_; }
  bool at_end() const { return left_ == 0; }
  uint32_t U32() { return Fixed<uint32_t>(); }
  uint64_t U64() { return Fixed<uint64_t>(); }
  std::string_view Str() {
    const uint64_t size = U64();
    if (size > left_) return ok_ = false, left_ = 0, std::string_view();
    const std::string_view s(at_, size);
    at_ += size;
    left_ -= size;
    return s;
  }

 private:
  template <class T>
  T Fixed() {
    T v = 0;
    if (left_ < sizeof v) return ok_ = false, left_ = 0, v;
    std::memcpy(&v, at_, sizeof v);
    at_ += sizeof v;
    left_ -= sizeof v;
    return v;
  }
  const char* at_;
  size_t left_;
  bool ok_ = true;
};

inline void WriteLimits(WireBuffer& b, const WireLimits& l) { b.Raw(&l, sizeof l); }
inline WireLimits ReadLimits(WireReader& r) {
  WireLimits l{};
  for (uint64_t* v : {&l.wall_us, &l.cpu_us, &l.memory, &l.output, &l.head, &l.file_bytes, &l.processes}) *v = r.U64();
  return l;
}

}  // namespace hasten::sandbox
