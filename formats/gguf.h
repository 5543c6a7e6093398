// Reads GGUF v2 and v3 model files, single or split into -00001-of-000NN parts, memory-mapped.
//
// Bytes are hostile: every count, length, offset and type is checked against the file before it is used, and memory is
// only taken in proportion to bytes that are there. Errors name the file, the field, its byte offset and what was expected.
// Strings may hold any bytes; show them through base/quote.h.
// Format: the GGUF specification in ggml's docs (docs/gguf.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/tensor_type.h"

namespace hasten {

// Types of metadata values, by their numbers in the file.
enum class GgufType : uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};
std::string_view NameOf(GgufType type);  // "uint8", …, "array"; "unknown" for other numbers
size_t BytesOf(GgufType type);           // of a number or bool in the file; 0 for strings, arrays and unknown types

// A number or a bool of the file, widened: unsigned types to uint64_t, signed ones to int64_t, floats to double.
using GgufNumber = std::variant<uint64_t, int64_t, double, bool>;

// An array of numbers stays in the file; of strings, only the views are taken out (16 bytes each). Arrays do not nest.
struct GgufArray {
  GgufType type = GgufType::kUint8;       // of the elements
  size_t count = 0;                       // of elements
  std::span<const std::byte> numbers;     // little-endian, not aligned; empty for strings
  std::vector<std::string_view> strings;  // empty for numbers
  GgufNumber Number(size_t i) const;      // element i < count of an array of numbers or bools
};

struct GgufValue {
  GgufType type = GgufType::kUint8;  // as in the file
  std::span<const std::byte> raw;    // as in the file, behind the type number
  std::variant<GgufNumber, std::string_view, GgufArray> value;
  const GgufNumber* number() const { return std::get_if<GgufNumber>(&value); }
  const std::string_view* string() const { return std::get_if<std::string_view>(&value); }
  const GgufArray* array() const { return std::get_if<GgufArray>(&value); }
};

struct GgufEntry {
  std::string_view key;
  GgufValue value;
};

struct GgufTensor {
  std::string_view name;
  TensorType type;
  std::vector<uint64_t> dims;  // as in the file: dims[0] is the contiguous one (columns), 1 to 4 of them, none is 0
  std::span<const std::byte> data;
  size_t part = 0;  // which file it lies in
  uint64_t elements() const;
  uint64_t columns() const { return dims[0]; }
  uint64_t rows() const { return elements() / dims[0]; }  // all outer dimensions together
};

struct GgufOptions {
  // Keep tensors of types that hasten does not read, with an empty `data` and a `type` that FindTensorType does not know,
  // instead of refusing the file: for showing what a file holds.
  bool keep_unknown_types = false;
};

class Gguf {
 public:
  // Any part of a split file opens all of them. kNotFound, kCorrupt or kUnsupported.
  static Result<Gguf> Open(const std::string& path, GgufOptions options = {});
  // Borrowed bytes of one unsplit file, which must outlive the Gguf: for tests and fuzzing. `name` is for error sentences.
  static Result<Gguf> Parse(std::span<const std::byte> bytes, std::string name, GgufOptions options = {});

  const std::string& path() const;  // of the first part
  uint32_t version() const;
  size_t alignment() const;                   // of tensor data, bytes
  size_t parts() const;                       // files
  size_t file_bytes() const;                  // all parts together
  std::span<const MappedFile> files() const;  // its parts; none for borrowed bytes

  std::span<const GgufEntry> metadata() const;                // in file order; of a split file, the first part's
  std::span<const GgufTensor> tensors() const;                // in file order
  const GgufValue* Find(std::string_view key) const;          // nullptr where absent
  const GgufTensor* FindTensor(std::string_view name) const;  // nullptr where absent

  // Typed look-ups. Absent: the default, or kCorrupt naming the key. Present with another type or out of range: kCorrupt.
  // Any integer type does for an integer, and any number for a float. Views live as long as the Gguf.
  Result<uint64_t> GetUint(std::string_view key) const;
  Result<uint64_t> GetUint(std::string_view key, uint64_t otherwise) const;
  Result<double> GetFloat(std::string_view key, double otherwise) const;
  Result<bool> GetBool(std::string_view key, bool otherwise) const;
  Result<std::string_view> GetString(std::string_view key) const;
  Result<std::string_view> GetString(std::string_view key, std::string_view otherwise) const;
  Result<std::vector<uint64_t>> GetUints(std::string_view key) const;  // an array, or a scalar as an array of one
  Result<std::vector<int64_t>> GetInts(std::string_view key) const;    // so too
  Result<std::vector<float>> GetFloats(std::string_view key) const;    // so too
  Result<std::span<const std::string_view>> GetStrings(std::string_view key) const;
  bool Has(std::string_view key) const { return Find(key) != nullptr; }

  void Release(const GgufTensor& tensor) const { Release(tensor, tensor.data); }
  void Release(const GgufTensor& tensor, std::span<const std::byte> part) const;  // its pages will not be read again

 private:
  struct Impl;
  explicit Gguf(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace hasten
