// Reads GGUF v2 and v3 model files, single or split into -00001-of-000NN parts, memory-mapped.
// Bytes are hostile: every count, length, offset and type is checked against the file before it is used.
// Format: the GGUF specification in ggml's docs (docs/gguf.md).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/tensor_type.h"

namespace hasten {

// A metadata array of fixed-size elements stays in the file; strings are views into it. Numbers in host order.
struct GgufArray;
using GgufValue = std::variant<uint64_t, int64_t, double, bool, std::string_view, std::shared_ptr<GgufArray>>;
struct GgufArray {
  std::vector<GgufValue> scalars;         // filled for arrays of numbers and booleans ... see the typed getters below
  std::vector<std::string_view> strings;  // filled for arrays of strings
};

struct GgufTensor {
  std::string_view name;
  TensorType type;
  std::vector<uint64_t> dims;  // as in the file: dims[0] is the contiguous one (columns), up to 4
  std::span<const std::byte> data;
  size_t part = 0;  // which file it lies in
  uint64_t elements() const;
  uint64_t columns() const { return dims[0]; }
  uint64_t rows() const { return elements() / dims[0]; }  // all outer dimensions together
};

class Gguf {
 public:
  static Result<Gguf> Open(const std::string& path);                              // also opens the other parts of a split file
  static Result<Gguf> Parse(std::span<const std::byte> bytes, std::string name);  // borrowed bytes: for tests and fuzzing

  const std::string& path() const;
  uint32_t version() const;
  const std::map<std::string_view, GgufValue>& metadata() const;
  std::span<const GgufTensor> tensors() const;                // in file order
  const GgufTensor* FindTensor(std::string_view name) const;  // nullptr where absent

  // Typed look-ups. Absent: the default, or kCorrupt naming the key. Present with another type or out of range: kCorrupt.
  Result<uint64_t> GetUint(std::string_view key) const;
  Result<uint64_t> GetUint(std::string_view key, uint64_t otherwise) const;
  Result<double> GetFloat(std::string_view key, double otherwise) const;
  Result<bool> GetBool(std::string_view key, bool otherwise) const;
  Result<std::string_view> GetString(std::string_view key) const;
  Result<std::string_view> GetString(std::string_view key, std::string_view otherwise) const;
  Result<std::vector<uint64_t>> GetUints(std::string_view key) const;  // an array, or a scalar as an array of one
  Result<std::vector<int64_t>> GetInts(std::string_view key) const;
  Result<std::vector<float>> GetFloats(std::string_view key) const;
  Result<std::span<const std::string_view>> GetStrings(std::string_view key) const;
  bool Has(std::string_view key) const;

  void Release(const GgufTensor& tensor) const;  // its pages will not be read again

 private:
  struct Impl;
  explicit Gguf(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace hasten
