// Files as bytes: mapped for reading, written whole or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hasten {

// A file mapped read-only. Movable; unmaps when destroyed.
class MappedFile {
 public:
  static Result<MappedFile> Open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::string& path() const { return path_; }
  int64_t modified_ns() const { return modified_ns_; }  // since 1970, when it was opened
  // Tells the kernel that `range` of bytes() will not be read again, so that its pages can go.
  void Release(std::span<const std::byte> range) const;

 private:
  MappedFile() = default;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
  int64_t modified_ns_ = 0;
  std::string path_;
};

Result<std::string> ReadFile(const std::string& path);  // "-" is standard input

// Writes through a temporary file in the same folder, renamed at Commit, so that nobody sees half a file.
class FileWriter {
 public:
  enum class IfExists { kRefuse, kReplace };
  static Result<FileWriter> Create(const std::string& path, IfExists if_exists = IfExists::kRefuse);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  ~FileWriter();  // without Commit: removes the temporary file
  Status Write(const void* data, size_t size);
  Status Write(std::string_view text) { return Write(text.data(), text.size()); }
  size_t offset() const { return offset_; }
  Status Commit();

 private:
  FileWriter() = default;
  int fd_ = -1;
  IfExists if_exists_ = IfExists::kRefuse;
  size_t offset_ = 0;
  std::string path_, temporary_;
};

}  // namespace hasten
