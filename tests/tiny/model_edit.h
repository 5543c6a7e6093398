// A model file in memory whose metadata and tensors a test may change before it is read again: how a feature is left out, or
// a file made hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/tensor_type.h"
#include "formats/gguf.h"
#include "formats/gguf_writer.h"

namespace hasten {

// A parsed file together with the bytes that it borrows.
struct ModelBytes {
  std::unique_ptr<const std::string> bytes;
  Gguf file;
};

class ModelEdit {
 public:
  struct Tensor {
    std::string name;
    TensorType type;
    std::vector<uint64_t> dims;  // as in the file, the contiguous one first
    std::string data;
  };

  explicit ModelEdit(std::string family) : family_(std::move(family)) {}
  explicit ModelEdit(const Gguf& file);

  const std::string& family() const { return family_; }
  void Rename(const std::string& family);  // general.architecture and the prefix of the family's keys

  // A key of the family, without its prefix.
  template <class T>
  void Set(const std::string& key, T value) {
    Put(key, [value](GgufHeader& header, const std::string& full) { header.Set<T>(full, value); });
  }
  void SetText(const std::string& key, const std::string& value);
  void SetList(const std::string& key, const std::vector<int32_t>& values);
  void Remove(const std::string& key);

  void Add(const std::string& name, std::vector<uint64_t> dims, const std::vector<float>& values,
           TensorType type = TensorType::kF32);
  void Add(Tensor tensor) { tensors_.push_back(std::move(tensor)); }
  Tensor* Find(const std::string& name);  // nullptr where absent
  // Of all layers: those named `name` or "blk.<any>." and `name`. Both fail where there is none. Changed values become F32.
  void RemoveTensors(const std::string& name);
  using Change = std::function<void(std::vector<float>& values, const std::vector<uint64_t>& dims)>;
  void ChangeTensors(const std::string& name, const Change& change);
  void Fill(const std::string& name, float value);

  ModelBytes Build() const;

 private:
  using Setter = std::function<void(GgufHeader&, const std::string& full_key)>;
  void Put(const std::string& key, Setter setter);

  std::string family_;
  std::vector<std::pair<std::string, Setter>> keys_;
  std::vector<Tensor> tensors_;
};

}  // namespace hasten
