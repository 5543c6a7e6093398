#include "tests/tiny/model_edit.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "base/half.h"
#include "kernels/dequant/dequant.h"

namespace hasten {

ModelEdit::ModelEdit(const Gguf& file) : family_(*file.GetString("general.architecture")) {
  const std::string prefix = family_ + ".";
  for (const GgufEntry& entry : file.metadata()) {
    if (!entry.key.starts_with(prefix)) continue;
    Put(std::string(entry.key.substr(prefix.size())), [entry, file](GgufHeader& header, const std::string& full) {
      GgufEntry renamed = entry;  // `file` is held for the bytes that the entry points to
      renamed.key = full;
      header.Copy(renamed);
    });
  }
  for (const GgufTensor& t : file.tensors())
    tensors_.push_back(
        {std::string(t.name), t.type, t.dims, std::string(reinterpret_cast<const char*>(t.data.data()), t.data.size())});
}

void ModelEdit::Rename(const std::string& family) { family_ = family; }

void ModelEdit::Put(const std::string& key, Setter setter) {
  Remove(key);
  keys_.emplace_back(key, std::move(setter));
}

void ModelEdit::Remove(const std::string& key) {
  std::erase_if(keys_, [&](const auto& entry) { return entry.first == key; });
}

void ModelEdit::SetText(const std::string& key, const std::string& value) {
  Put(key, [value](GgufHeader& header, const std::string& full) { header.Set<std::string_view>(full, value); });
}

void ModelEdit::SetList(const std::string& key, const std::vector<int32_t>& values) {
  Put(key, [values](GgufHeader& header, const std::string& full) { header.SetArray<int32_t>(full, values); });
}

static std::string Encode(const std::vector<float>& values, TensorType type) {
  std::string data(values.size() * (type == TensorType::kF32 ? 4 : 2), 0);
  if (type == TensorType::kF32) {
    std::memcpy(data.data(), values.data(), data.size());
    return data;
  }
  if (type != TensorType::kF16) throw std::logic_error("tests write F32 and F16");
  for (size_t i = 0; i < values.size(); ++i) {
    const uint16_t half = HalfFromFloat(values[i]);
    std::memcpy(data.data() + 2 * i, &half, 2);
  }
  return data;
}

void ModelEdit::Add(const std::string& name, std::vector<uint64_t> dims, const std::vector<float>& values, TensorType type) {
  tensors_.push_back({name, type, std::move(dims), Encode(values, type)});
}

ModelEdit::Tensor* ModelEdit::Find(const std::string& name) {
  const auto found = std::ranges::find(tensors_, name, &Tensor::name);
  return found == tensors_.end() ? nullptr : &*found;
}

static bool IsOneOf(const ModelEdit::Tensor& t, const std::string& name) {
  return t.name == name || t.name.ends_with("." + name);
}

void ModelEdit::RemoveTensors(const std::string& name) {
  if (std::erase_if(tensors_, [&](const Tensor& t) { return IsOneOf(t, name); }) == 0)
    throw std::logic_error("no tensor is named " + name);
}

void ModelEdit::ChangeTensors(const std::string& name, const Change& change) {
  size_t changed = 0;
  for (Tensor& t : tensors_) {
    if (!IsOneOf(t, name)) continue;
    size_t elements = 1;
    for (const uint64_t d : t.dims) elements *= size_t(d);
    std::vector<float> values(elements);
    Dequantize(t.type, t.data.data(), elements, values.data());
    change(values, t.dims);
    t.type = TensorType::kF32;
    t.data = Encode(values, t.type);
    ++changed;
  }
  if (changed == 0) throw std::logic_error("no tensor is named " + name);
}

void ModelEdit::Fill(const std::string& name, float value) {
  ChangeTensors(name, [value](std::vector<float>& values, const auto&) { std::ranges::fill(values, value); });
}

ModelBytes ModelEdit::Build() const {
  GgufHeader header;
  header.Set<std::string_view>("general.architecture", family_);
  for (const auto& [key, set] : keys_) set(header, family_ + "." + key);
  for (const Tensor& t : tensors_)
    if (auto added = header.AddTensor(t.name, t.type, t.dims); !added) throw std::logic_error(added.error().what);
  auto bytes = std::make_unique<std::string>(header.Encode());
  for (const Tensor& t : tensors_) {
    *bytes += t.data;
    bytes->resize((bytes->size() + header.alignment() - 1) / header.alignment() * header.alignment());
  }
  auto file = Gguf::Parse(std::as_bytes(std::span(*bytes)), "edited");
  if (!file) throw std::logic_error(file.error().what);
  return {std::move(bytes), *std::move(file)};
}

}  // namespace hasten
