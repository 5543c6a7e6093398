// Writes GGUF v3 files: a header of metadata and tensor descriptions, then the tensors' bytes, streamed in the same order,
// so that a file needs no more memory than the caller's buffer.
//
//   GgufHeader header;
//   header.Set<uint32_t>("llama.block_count", 6);
//   TRY_OK(header.AddTensor("token_embd.weight", TensorType::kQ8_0, {384, 512}));
//   TRY(FileWriter file, FileWriter::Create(path));
//   TRY(GgufWriter writer, GgufWriter::Create(std::move(header), std::move(file)));
//   TRY_OK(writer.Write(bytes));  // any number of times; padding between tensors is the writer's business
//   TRY_OK(writer.Commit());
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "formats/gguf.h"

namespace hasten {

class GgufHeader {
 public:
  // Tensor data begins at multiples of `alignment` bytes, a power of two.
  explicit GgufHeader(uint32_t alignment = 32);

  // Entries keep the order in which their keys first came; a later value replaces an earlier one. The layout of this file
  // alone decides about "general.alignment" and "split.*": setting or copying those does nothing.
  // T is the exact type in the file: [u]int8_t … [u]int64_t, float, double, bool or std::string_view.
  template <class T>
  void Set(std::string_view key, T value);
  template <class T>
  void SetArray(std::string_view key, std::span<const T> values);
  void Copy(const GgufEntry& entry);    // as it is in its file
  void CopyMetadata(const Gguf& file);  // all entries
  void Remove(std::string_view key);

  // kBadInput: a name that is there, 0 or more than 4 dimensions, a dimension of 0, rows that are not whole blocks, 2^63
  // elements or more.
  Status AddTensor(std::string_view name, TensorType type, std::span<const uint64_t> dims);
  Status AddTensor(std::string_view name, TensorType type, std::initializer_list<uint64_t> dims) {
    return AddTensor(name, type, std::span(dims.begin(), dims.size()));
  }

  size_t tensors() const { return tensors_.size(); }
  uint64_t TensorBytes(size_t i) const { return tensors_[i].size; }  // without padding
  uint64_t DataBytes() const { return end_; }                        // of all tensors, with the padding between and after them
  uint32_t alignment() const { return alignment_; }
  std::string Encode() const;  // the file up to the first byte of tensor data

 private:
  struct Tensor {
    std::string name;
    TensorType type;
    std::vector<uint64_t> dims;
    uint64_t offset, size;
  };
  struct Entry {
    std::string key, value;  // value: type number and all that follows, as in the file
  };
  void Put(std::string_view key, std::string value);

  uint32_t alignment_;
  std::vector<Entry> entries_;
  std::vector<Tensor> tensors_;
  std::map<std::string, size_t, std::less<>> keys_;  // index into entries_
  std::set<std::string, std::less<>> names_;         // of tensors
  uint64_t end_ = 0;
};

// The file appears under its name at Commit, complete or not at all.
class GgufWriter {
 public:
  static Result<GgufWriter> Create(GgufHeader header, FileWriter file);  // `file` is new: nothing is written yet
  // The next bytes of tensor data, in the header's order. One call may end a tensor and begin the next.
  Status Write(std::span<const std::byte> bytes);
  Status Commit();                               // kBug where tensors are unfinished
  uint64_t written() const { return written_; }  // bytes of tensor data, without padding

 private:
  GgufWriter(GgufHeader header, FileWriter file) : header_(std::move(header)), file_(std::move(file)) {}
  GgufHeader header_;
  FileWriter file_;
  size_t tensor_ = 0;       // being written
  uint64_t in_tensor_ = 0;  // bytes of it
  uint64_t written_ = 0;
};

}  // namespace hasten
