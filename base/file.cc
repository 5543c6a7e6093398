#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hasten {

static Error SystemError(const char* doing, const std::string& path) {
  const Code code = errno == ENOENT ? Code::kNotFound : errno == ENOSPC ? Code::kExhausted : Code::kBadInput;
  const char* advice = errno == ENOENT ? "; check the path" : errno == ENOSPC ? "; make room first" : "";
  return {code, Fmt("cannot %s '%s': %s%s", doing, path.c_str(), std::strerror(errno), advice)};
}

Result<MappedFile> MappedFile::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError("open", path);
  struct stat info{};
  MappedFile file;
  file.path_ = path;
  Status status;
  if (::fstat(fd, &info) != 0) {
    status = SystemError("read the size of", path);
  } else if (!S_ISREG(info.st_mode)) {
    status = Error{Code::kBadInput, Fmt("'%s' is not a regular file", path.c_str())};
  } else if (info.st_size > 0) {
    void* data = ::mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) {
      status = SystemError("map", path);
    } else {
      file.data_ = static_cast<const std::byte*>(data);
      file.size_ = size_t(info.st_size);
    }
  }
  ::close(fd);
  if (!status) return status.error();
  file.modified_ns_ = int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      modified_ns_(other.modified_ns_),
      path_(std::move(other.path_)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(modified_ns_, other.modified_ns_);
  std::swap(path_, other.path_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::Release(std::span<const std::byte> range) const {
  const size_t page = size_t(::sysconf(_SC_PAGESIZE));
  const size_t offset = size_t(range.data() - data_);
  const size_t begin = (offset + page - 1) / page * page, end = (offset + range.size()) / page * page;
  if (begin < end) ::madvise(const_cast<std::byte*>(data_) + begin, end - begin, MADV_DONTNEED);
}

Result<std::string> ReadFile(const std::string& path) {
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError("open", path);
  std::string text;
  char buffer[1 << 16];
  ssize_t got;
  while ((got = ::read(fd, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR))
    if (got > 0) text.append(buffer, size_t(got));
  Status status;
  if (got < 0) status = SystemError("read", path);
  if (fd != STDIN_FILENO) ::close(fd);
  if (!status) return status.error();
  return text;
}

Result<FileWriter> FileWriter::Create(const std::string& path, IfExists if_exists) {
  if (if_exists == IfExists::kRefuse && ::access(path.c_str(), F_OK) == 0)
    return Error{Code::kBadInput, Fmt("'%s' exists; name another file or pass --force to replace it", path.c_str())};
  FileWriter w;
  w.path_ = path;
  w.if_exists_ = if_exists;
  w.temporary_ = Fmt("%s.part-%d", path.c_str(), int(::getpid()));
  w.fd_ = ::open(w.temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (w.fd_ < 0) return SystemError("create", path);
  return w;
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      if_exists_(other.if_exists_),
      offset_(other.offset_),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})) {}

FileWriter::~FileWriter() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status FileWriter::Write(const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t wrote = ::write(fd_, at, size);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return SystemError("write", path_);
    at += wrote;
    size -= size_t(wrote);
    offset_ += size_t(wrote);
  }
  return {};
}

Status FileWriter::Commit() {
  if (::close(std::exchange(fd_, -1)) != 0) return SystemError("write", path_);
  // link() refuses an existing name even when it appeared meanwhile; rename() replaces.
  if (if_exists_ == IfExists::kRefuse) {
    if (::link(temporary_.c_str(), path_.c_str()) != 0) return SystemError("create", path_);
    ::unlink(temporary_.c_str());
  } else if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return SystemError("replace", path_);
  }
  temporary_.clear();
  return {};
}

}  // namespace hasten
