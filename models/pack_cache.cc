#include "models/pack_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/checksum.h"
#include "base/memory.h"
#include "kernels/matmul/packed_matrix.h"

namespace hasten {
namespace {

namespace fs = std::filesystem;

// What packing makes of a small matrix of every type: another layout gives another number. Its rows are a whole group of panels
// and one panel more.
uint64_t PackingFingerprint() {
  constexpr size_t kPanels = kGroupPanels + 1, kRows = kPanels * kPanelRows;
  uint64_t sum = 0;
  for (const TensorTypeInfo& type : TensorTypes()) {
    auto matrix = PackedMatrix::Make(type.type, kRows, 256);
    if (!matrix) continue;
    std::string rows(kRows * 256 / type.block_elements * type.block_bytes, '\0');
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = char(RandomBits(uint64_t(type.type), i));
    matrix->Pack(rows.data(), {0, kPanels});
    sum = Checksum(matrix->packed(), sum);
  }
  return sum;
}

uint64_t ModelKey(const Gguf& file) {
  uint64_t sum = 0;
  for (const MappedFile& part : file.files()) {
    size_t metadata = part.bytes().size();
    for (const GgufTensor& t : file.tensors())
      if (&file.files()[t.part] == &part) metadata = std::min(metadata, size_t(t.data.data() - part.bytes().data()));
    sum = Checksum(part.bytes().first(metadata), Mix64(sum ^ part.bytes().size()) ^ uint64_t(part.modified_ns()));
  }
  for (const GgufTensor& t : file.tensors()) sum = Checksum(t.data.first(std::min<size_t>(t.data.size(), 64)), sum);
  return sum;
}

// A file descriptor that closes itself.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

bool ReadAt(int fd, std::byte* to, size_t size, uint64_t offset) {
  while (size > 0) {
    const ssize_t got = ::pread(fd, to, size, off_t(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= size_t(got);
    offset += uint64_t(got);
  }
  return true;
}

Error NotOurs(const std::string& path, const char* why) {
  return {Code::kBadInput, Fmt("'%s' is not used: %s", path.c_str(), why)};
}

// kNotFound where there is none.
Status CheckOwner(int fd, const std::string& path, uint64_t& bytes) {
  struct stat info{};
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return Error{Code::kNotFound, "there are none"};
  if (fd < 0 || ::fstat(fd, &info) != 0) return NotOurs(path, std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return NotOurs(path, "it is not a regular file");
  if (info.st_uid != ::geteuid()) return NotOurs(path, "it belongs to another user");
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return NotOurs(path, "others may write it");
  bytes = uint64_t(info.st_size);
  return {};
}

int OpenForReading(const std::string& path) { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }

Result<PackIndex> ReadIndexOf(int fd, const std::string& path) {
  uint64_t bytes = 0;
  TRY_OK(CheckOwner(fd, path, bytes));
  const auto tail = [&](uint64_t size) {
    std::vector<std::byte> read(static_cast<size_t>(size));
    if (size > bytes || !ReadAt(fd, read.data(), read.size(), bytes - size)) read.clear();
    return read;
  };
  TRY(const uint64_t size, ReadPackFooter(tail(kPackFooter), bytes));
  return ReadPackIndex(tail(size + kPackFooter), bytes);
}

// Whether the model that a pack was made from is still there as it was.
bool ModelIsThere(const PackIndex& index) {
  struct stat info{};
  if (::stat(index.model_path.c_str(), &info) != 0) return false;
  return uint64_t(info.st_size) == index.model_bytes &&
         int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec == index.model_modified_ns;
}

size_t TensorBytes(const Gguf& file) {
  size_t bytes = 0;
  for (const GgufTensor& t : file.tensors()) bytes += t.data.size();
  return bytes;
}

}  // namespace

uint64_t MatrixIdentity(const GgufTensor& tensor, size_t first, size_t rows, size_t cols, std::span<const size_t> order) {
  const uint64_t shape[] = {uint64_t(tensor.type), first, rows, cols};
  return Checksum(std::as_bytes(order), Checksum(std::as_bytes(std::span(shape)), Checksum(tensor.name)));
}

PackCache::PackCache(const Gguf& file, Team& team, const PackCacheOptions& options) : options_(options) {
  if (options.folder.empty() || file.files().empty()) return;
  std::error_code ignored;
  const MappedFile& first = file.files()[0];
  index_.key = {ModelKey(file), PackingFingerprint()};
  index_.model_path = fs::absolute(first.path(), ignored).string();
  index_.model_bytes = first.bytes().size();
  index_.model_modified_ns = first.modified_ns();
  StartReading(team);
  if (state_ == State::kOff) StartWriting(TensorBytes(file));
}

std::string PackCache::PathOf(const PackKey& key) const {
  return Fmt("%s/%016llx%016llx.pack", options_.folder.c_str(), static_cast<unsigned long long>(key.model),
             static_cast<unsigned long long>(key.packing));
}

void PackCache::StartReading(Team& team) {
  const PackIndex asked = index_;
  const std::string path = PathOf(index_.key);
  if (const Status read = Read(path, team); !read) {
    index_ = asked;
    if (read.error().code != Code::kNotFound) options_.notice(read.error().what + "; the weights are packed anew");
    return;
  }
  for (const PackEntry& e : index_.entries) entries_.emplace(e.identity, e);
}

Status PackCache::Read(const std::string& path, Team& team) {
  const File file(OpenForReading(path));
  TRY(PackIndex index, ReadIndexOf(file.get(), path));
  if (index.key != index_.key) return Error{Code::kCorrupt, Fmt("'%s' is of another model", path.c_str())};
  index_ = std::move(index);
  using Place = PackCacheOptions::Place;
  const size_t free = FreeMemoryBytes();
  const bool fits = free == 0 || index_.data_bytes <= free / 2;
  if (options_.place == Place::kMemory || (options_.place == Place::kAuto && fits)) return ReadPanels(file.get(), team);
  TRY(MappedFile mapped, MappedFile::Open(Fmt("/proc/self/fd/%d", file.get())));  // the file that was checked
  if (mapped.bytes().size() < index_.data_bytes) return Error{Code::kCorrupt, Fmt("'%s' has become shorter", path.c_str())};
  const auto held = std::make_shared<const MappedFile>(std::move(mapped));
  panels_ = held->bytes().data();
  memory_ = held;
  state_ = State::kMapped;
  return {};
}

Status PackCache::ReadPanels(int fd, Team& team) {
  const auto pages = std::make_shared<const Pages>(size_t(index_.data_bytes));
  std::atomic<size_t> next = 0;
  std::atomic<bool> good = true;
  team.Run([&](const Lane&) {
    // Lanes fill whole huge pages, so that none is made twice.
    for (size_t page; good && (page = next.fetch_add(kHugePage)) < pages->size();) {
      for (size_t at = page; at < std::min(page + kHugePage, pages->size()); at += kPackSlice) {
        const size_t size = std::min(kPackSlice, pages->size() - at);
        std::byte* const to = pages->data() + at;
        if (!ReadAt(fd, to, size, at) || Checksum(std::span(to, size)) != index_.slices[at / kPackSlice]) good = false;
      }
    }
  });
  if (!good) return Error{Code::kCorrupt, "packed weights are damaged: a checksum differs"};
  panels_ = pages->data();
  memory_ = pages;
  state_ = State::kRead;
  return {};
}

std::span<const std::byte> PackCache::Find(uint64_t identity) {
  if (panels_ == nullptr) return {};
  const auto found = entries_.find(identity);
  if (found == entries_.end()) {
    Refuse();
    return {};
  }
  return {panels_ + found->second.offset, size_t(found->second.bytes)};
}

void PackCache::StartWriting(size_t expected_bytes) {
  std::error_code failed;
  const fs::perms before = fs::status(options_.folder, failed).permissions();
  fs::create_directories(options_.folder, failed);
  if (failed) return Fail({Code::kBadInput, Fmt("cannot make the folder: %s", failed.message().c_str())});
  if (before == fs::perms::unknown || before == fs::perms::none)
    fs::permissions(options_.folder, fs::perms::owner_all, fs::perm_options::replace, failed);
  RemoveStale();
  struct statvfs room{};
  if (::statvfs(options_.folder.c_str(), &room) == 0 &&
      size_t(room.f_bavail) * room.f_frsize < expected_bytes + expected_bytes / 4)
    return Fail({Code::kExhausted, Fmt("the disk has %zu MB left and they need about %zu",
                                       (size_t(room.f_bavail) * room.f_frsize) >> 20, expected_bytes >> 20)});
  auto writer = FileWriter::Create(PathOf(index_.key), FileWriter::IfExists::kReplace);
  if (!writer) return Fail(writer.error());
  writer_.emplace(std::move(*writer));
  state_ = State::kWriting;
}

void PackCache::Fail(const Error& why) {
  options_.notice(Fmt("packed weights are not kept in '%s': %s", options_.folder.c_str(), why.what.c_str()));
  writer_.reset();
  state_ = State::kOff;
}

void PackCache::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const size_t count = std::min(bytes.size(), kPackSlice - slice_.size());
    slice_.append(reinterpret_cast<const char*>(bytes.data()), count);
    bytes = bytes.subspan(count);
    index_.data_bytes += count;
    if (slice_.size() < kPackSlice) return;
    index_.slices.push_back(Checksum(slice_));
    if (const Status wrote = writer_->Write(slice_); !wrote) return Fail(wrote.error());
    slice_.clear();
  }
}

void PackCache::Add(uint64_t identity, std::span<const std::byte> panels) {
  static constexpr std::byte kZeros[kPackAlign] = {};
  if (state_ != State::kWriting) return;
  Write(std::span(kZeros).first((kPackAlign - index_.data_bytes % kPackAlign) % kPackAlign));
  if (state_ != State::kWriting) return;
  index_.entries.push_back({identity, index_.data_bytes, panels.size()});
  Write(panels);
}

Status PackCache::Close() {
  if (!slice_.empty()) {
    index_.slices.push_back(Checksum(slice_));
    TRY_OK(writer_->Write(slice_));
  }
  TRY_OK(writer_->Write(index_.Encode()));
  return writer_->Commit();
}

void PackCache::Finish() {
  // A file that lacks what this version asks for is written whole next time.
  if (missing_ > 0) ::unlink(PathOf(index_.key).c_str());
  if (state_ != State::kWriting) return;
  if (const Status closed = Close(); !closed) Fail(closed.error());
  writer_.reset();
}

// Files of models that have gone or changed, of other layouts, and what interrupted writers left an hour ago.
void PackCache::RemoveStale() const {
  std::error_code failed;
  const auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator it(options_.folder, failed), end; !failed && it != end; it.increment(failed)) {
    const std::string path = it->path().string(), name = it->path().filename().string();
    const size_t dot = name.find('.');
    if (dot != 32 || name.find_first_not_of("0123456789abcdef") != dot) continue;
    const std::string_view ending = std::string_view(name).substr(dot);
    if (ending.starts_with(".pack.part-")) {
      std::error_code unknown;
      const auto written = fs::last_write_time(path, unknown);
      if (!unknown && now - written > std::chrono::hours(1)) ::unlink(path.c_str());
      continue;
    }
    if (ending != ".pack") continue;
    const File file(OpenForReading(path));
    const auto index = ReadIndexOf(file.get(), path);
    const bool foreign = !index && index.error().code != Code::kCorrupt;  // not ours to remove
    if (foreign || (index && index->key.packing == index_.key.packing && ModelIsThere(*index))) continue;
    ::unlink(path.c_str());
  }
}

}  // namespace hasten
