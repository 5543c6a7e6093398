#include "formats/gguf_writer.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <type_traits>

#include "base/quote.h"

namespace hasten {
namespace {

constexpr uint32_t kVersion = 3;

template <class T>
void Append(std::string& out, T value) {
  if constexpr (std::is_same_v<T, std::string_view>) {
    Append<uint64_t>(out, value.size());
    out += value;
  } else {
    static_assert(std::endian::native == std::endian::little, "numbers are written as they are");
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
  }
}

template <class T>
constexpr GgufType TypeOf() {
  if constexpr (std::is_same_v<T, uint8_t>) return GgufType::kUint8;
  if constexpr (std::is_same_v<T, int8_t>) return GgufType::kInt8;
  if constexpr (std::is_same_v<T, uint16_t>) return GgufType::kUint16;
  if constexpr (std::is_same_v<T, int16_t>) return GgufType::kInt16;
  if constexpr (std::is_same_v<T, uint32_t>) return GgufType::kUint32;
  if constexpr (std::is_same_v<T, int32_t>) return GgufType::kInt32;
  if constexpr (std::is_same_v<T, uint64_t>) return GgufType::kUint64;
  if constexpr (std::is_same_v<T, int64_t>) return GgufType::kInt64;
  if constexpr (std::is_same_v<T, float>) return GgufType::kFloat32;
  if constexpr (std::is_same_v<T, double>) return GgufType::kFloat64;
  if constexpr (std::is_same_v<T, bool>) return GgufType::kBool;
  if constexpr (std::is_same_v<T, std::string_view>) return GgufType::kString;
}

}  // namespace

GgufHeader::GgufHeader(uint32_t alignment) : alignment_(alignment) {
  assert(std::has_single_bit(alignment));
  if (alignment == 32) return;  // what readers take where the key is absent
  std::string value;
  Append(value, uint32_t(GgufType::kUint32));
  Append(value, alignment);
  entries_.push_back({"general.alignment", value});
  keys_.emplace("general.alignment", 0);
}

void GgufHeader::Put(std::string_view key, std::string value) {
  if (key == "general.alignment" || key.starts_with("split.")) return;
  const auto [at, is_new] = keys_.emplace(key, entries_.size());
  if (is_new) entries_.push_back({std::string(key), {}});
  entries_[at->second].value = std::move(value);
}

template <class T>
void GgufHeader::Set(std::string_view key, T value) {
  std::string encoded;
  Append(encoded, uint32_t(TypeOf<T>()));
  Append(encoded, value);
  Put(key, std::move(encoded));
}

template <class T>
void GgufHeader::SetArray(std::string_view key, std::span<const T> values) {
  std::string encoded;
  Append(encoded, uint32_t(GgufType::kArray));
  Append(encoded, uint32_t(TypeOf<T>()));
  Append<uint64_t>(encoded, values.size());
  for (const T& value : values) Append(encoded, value);
  Put(key, std::move(encoded));
}

#define HASTEN_GGUF_TYPE(T)                               \
  template void GgufHeader::Set(std::string_view key, T); \
  template void GgufHeader::SetArray(std::string_view key, std::span<const T>)
HASTEN_GGUF_TYPE(uint8_t);
HASTEN_GGUF_TYPE(int8_t);
HASTEN_GGUF_TYPE(uint16_t);
HASTEN_GGUF_TYPE(int16_t);
HASTEN_GGUF_TYPE(uint32_t);
HASTEN_GGUF_TYPE(int32_t);
HASTEN_GGUF_TYPE(uint64_t);
HASTEN_GGUF_TYPE(int64_t);
HASTEN_GGUF_TYPE(float);
HASTEN_GGUF_TYPE(double);
HASTEN_GGUF_TYPE(bool);
HASTEN_GGUF_TYPE(std::string_view);
#undef HASTEN_GGUF_TYPE

void GgufHeader::Copy(const GgufEntry& entry) {
  std::string encoded;
  Append(encoded, uint32_t(entry.value.type));
  encoded.append(reinterpret_cast<const char*>(entry.value.raw.data()), entry.value.raw.size());
  Put(entry.key, std::move(encoded));
}

void GgufHeader::CopyMetadata(const Gguf& file) {
  for (const GgufEntry& entry : file.metadata()) Copy(entry);
}

void GgufHeader::Remove(std::string_view key) {
  if (key == "general.alignment") return;
  std::erase_if(entries_, [&](const Entry& e) { return e.key == key; });
  keys_.clear();
  for (size_t i = 0; i < entries_.size(); ++i) keys_.emplace(entries_[i].key, i);
}

Status GgufHeader::AddTensor(std::string_view name, TensorType type, std::span<const uint64_t> dims) {
  const auto refuse = [&](const std::string& why) {
    return Error{Code::kBadInput, Fmt("tensor '%s' %s", Printable(name).c_str(), why.c_str())};
  };
  const TensorTypeInfo* info = FindTensorType(uint32_t(type));
  if (!info) return refuse(Fmt("is of type number %u, which hasten does not write", uint32_t(type)));
  if (dims.empty() || dims.size() > 4) return refuse(Fmt("has %zu dimensions; expected 1 to 4", dims.size()));
  uint64_t elements = 1;
  for (const uint64_t dim : dims) {
    if (dim == 0) return refuse("has a dimension of 0");
    if (__builtin_mul_overflow(elements, dim, &elements) || elements >> 63) return refuse("has 2^63 elements or more");
  }
  if (dims[0] % info->block_elements != 0)
    return refuse(Fmt("has rows of %zu elements; %s needs a multiple of %zu", dims[0], std::string(info->name).c_str(),
                      info->block_elements));
  uint64_t size, end;
  if (__builtin_mul_overflow(elements / info->block_elements, info->block_bytes, &size) ||
      __builtin_add_overflow(end_, size, &end) || end > UINT64_MAX - alignment_)
    return refuse("does not fit a file");
  if (!names_.emplace(name).second) return refuse("is there twice");
  tensors_.push_back({std::string(name), type, {dims.begin(), dims.end()}, end_, size});
  end_ = (end + alignment_ - 1) / alignment_ * alignment_;
  return {};
}

std::string GgufHeader::Encode() const {
  std::string out = "GGUF";
  Append(out, kVersion);
  Append<uint64_t>(out, tensors_.size());
  Append<uint64_t>(out, entries_.size());
  for (const Entry& entry : entries_) {
    Append<std::string_view>(out, entry.key);
    out += entry.value;
  }
  for (const Tensor& tensor : tensors_) {
    Append<std::string_view>(out, tensor.name);
    Append(out, uint32_t(tensor.dims.size()));
    for (const uint64_t dim : tensor.dims) Append(out, dim);
    Append(out, uint32_t(tensor.type));
    Append(out, tensor.offset);
  }
  out.resize((out.size() + alignment_ - 1) / alignment_ * alignment_);
  return out;
}

Result<GgufWriter> GgufWriter::Create(GgufHeader header, FileWriter file) {
  TRY_OK(file.Write(header.Encode()));
  return GgufWriter(std::move(header), std::move(file));
}

Status GgufWriter::Write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (tensor_ == header_.tensors())
      return Error{Code::kBug, Fmt("%zu bytes of tensor data more than the header describes", bytes.size())};
    const size_t now = size_t(std::min<uint64_t>(bytes.size(), header_.TensorBytes(tensor_) - in_tensor_));
    TRY_OK(file_.Write(bytes.data(), now));
    bytes = bytes.subspan(now);
    in_tensor_ += now;
    written_ += now;
    if (in_tensor_ < header_.TensorBytes(tensor_)) continue;
    ++tensor_;
    in_tensor_ = 0;
    const std::string padding((header_.alignment() - file_.offset() % header_.alignment()) % header_.alignment(), '\0');
    TRY_OK(file_.Write(padding));
  }
  return {};
}

Status GgufWriter::Commit() {
  if (tensor_ != header_.tensors()) return Error{Code::kBug, Fmt("%zu of %zu tensors are written", tensor_, header_.tensors())};
  return file_.Commit();
}

}  // namespace hasten
