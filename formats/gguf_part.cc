#include "formats/gguf_part.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/quote.h"

namespace hasten {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF numbers are little-endian and read as they are");

constexpr size_t kMaxDims = 4;
constexpr size_t kDefaultAlignment = 32;

class Parser {
 public:
  Parser(std::span<const std::byte> bytes, const std::string& name, const GgufOptions& options)
      : bytes_(bytes), name_(name), options_(options) {}

  Result<GgufPart> Parse() {
    TRY_OK(Header());
    TRY_OK(Metadata());
    TRY_OK(Alignment());
    TRY_OK(TensorInfos());
    TRY_OK(TensorData());
    return std::move(part_);
  }

 private:
  Error Corrupt(size_t offset, const std::string& what) const {
    return {Code::kCorrupt, Fmt("'%s', byte %zu: %s", name_.c_str(), offset, what.c_str())};
  }
  Error CutShort(const std::string& field, uint64_t needs) const {
    return Corrupt(at_,
                   Fmt("%s needs %zu bytes but %zu are left; the file is cut short or damaged", field.c_str(), needs, left()));
  }
  size_t left() const { return bytes_.size() - at_; }

  template <class T>
  bool Take(T& value) {
    if (left() < sizeof value) return false;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return true;
  }
  template <class T>
  Status Read(T& value, const char* field) {
    if (!Take(value)) return CutShort(field, sizeof value);
    return {};
  }
  bool TakeString(std::string_view& text) {
    uint64_t length;
    if (!Take(length)) return false;
    if (length > left()) {
      at_ -= sizeof length;
      return false;
    }
    text = {reinterpret_cast<const char*>(bytes_.data() + at_), size_t(length)};
    at_ += length;
    return true;
  }
  Status ReadString(std::string_view& text, const std::string& field) {
    if (TakeString(text)) return {};
    uint64_t length;
    if (!Take(length)) return CutShort("the length of " + field, sizeof length);
    return CutShort(field, length);
  }

  Status Header();
  Status Metadata();
  Status Value(GgufValue& value, const std::string& field);
  Status Array(GgufArray& array, const std::string& field);
  Status Alignment();
  Status TensorInfos();
  Status TensorInfo(uint64_t index);
  Status Size(GgufTensor& tensor, uint64_t& size, size_t dims_at) const;
  Status TensorData();
  Status NoOverlap() const;

  std::span<const std::byte> bytes_;
  const std::string& name_;
  const GgufOptions& options_;
  size_t at_ = 0;
  uint64_t tensor_count_ = 0, entry_count_ = 0;
  struct Place {
    uint64_t offset, size;  // offset from the start of the data section
    size_t info_at;         // where in the file it says so
  };
  std::vector<Place> places_;  // of tensors
  GgufPart part_;
};

Status Parser::Header() {
  char magic[4];
  TRY_OK(Read(magic, "the magic"));
  if (std::memcmp(magic, "GGUF", 4) != 0)
    return Error{Code::kCorrupt,
                 Fmt("'%s' is not a GGUF file: it begins with '%s', not 'GGUF'", name_.c_str(), Printable({magic, 4}).c_str())};
  TRY_OK(Read(part_.version, "the version"));
  if ((part_.version & 0xffff) == 0 && part_.version != 0)
    return Error{Code::kUnsupported, Fmt("'%s' is a big-endian GGUF file; hasten reads little-endian ones", name_.c_str())};
  if (part_.version != 2 && part_.version != 3)
    return Error{Code::kUnsupported,
                 Fmt("'%s' is GGUF version %u; hasten reads versions 2 and 3", name_.c_str(), part_.version)};
  TRY_OK(Read(tensor_count_, "the number of tensors"));
  return Read(entry_count_, "the number of metadata entries");
}

Status Parser::Metadata() {
  // A key's length, the key's first byte, a type and a value of one byte.
  constexpr size_t kLeastEntry = 8 + 1 + 4 + 1;
  if (entry_count_ > left() / kLeastEntry)
    return Corrupt(16, Fmt("%zu metadata entries cannot lie in the %zu bytes that follow", entry_count_, left()));
  part_.metadata.reserve(size_t(entry_count_));
  for (size_t i = 0; i < entry_count_; ++i) {
    GgufEntry entry;
    const size_t key_at = at_;
    TRY_OK(ReadString(entry.key, Fmt("the key of metadata entry %zu", i)));
    if (entry.key.empty()) return Corrupt(key_at, Fmt("metadata entry %zu has an empty key", i));
    if (!part_.keys.emplace(entry.key, i).second)
      return Corrupt(key_at, Fmt("metadata key '%s' is there twice", Printable(entry.key).c_str()));
    TRY_OK(Value(entry.value, "'" + Printable(entry.key) + "'"));
    part_.metadata.push_back(std::move(entry));
  }
  return {};
}

Status Parser::Value(GgufValue& value, const std::string& field) {
  uint32_t type;
  if (!Take(type)) return CutShort("the type of " + field, sizeof type);
  value.type = GgufType{type};
  const size_t begin = at_;
  if (value.type == GgufType::kString) {
    std::string_view text;
    TRY_OK(ReadString(text, field));
    value.value = text;
  } else if (value.type == GgufType::kArray) {
    GgufArray array;
    TRY_OK(Array(array, field));
    value.value = std::move(array);
  } else {
    const size_t size = BytesOf(value.type);
    if (size == 0) return Corrupt(begin - 4, Fmt("the type of %s is %u; GGUF has types 0 to 12", field.c_str(), type));
    if (left() < size) return CutShort(field, size);
    value.value = DecodeGgufNumber(value.type, bytes_.data() + at_);
    at_ += size;
  }
  value.raw = bytes_.subspan(begin, at_ - begin);
  return {};
}

Status Parser::Array(GgufArray& array, const std::string& field) {
  uint32_t type;
  uint64_t count;
  const size_t type_at = at_;
  if (!Take(type)) return CutShort("the element type of " + field, sizeof type);
  array.type = GgufType{type};
  if (array.type == GgufType::kArray)
    return Error{Code::kUnsupported, Fmt("'%s', byte %zu: %s is an array of arrays; no known model file has one", name_.c_str(),
                                         type_at, field.c_str())};
  const size_t size = array.type == GgufType::kString ? sizeof(uint64_t) : BytesOf(array.type);
  if (size == 0) return Corrupt(type_at, Fmt("the element type of %s is %u; GGUF has types 0 to 12", field.c_str(), type));
  if (!Take(count)) return CutShort("the length of " + field, sizeof count);
  if (count > left() / size)
    return Corrupt(at_ - sizeof count, Fmt("%s has %zu elements of at least %zu bytes, but %zu bytes are left", field.c_str(),
                                           count, size, left()));
  array.count = size_t(count);
  if (array.type != GgufType::kString) {
    array.numbers = bytes_.subspan(at_, array.count * size);
    at_ += array.numbers.size();
    return {};
  }
  array.strings.resize(array.count);
  for (size_t i = 0; i < array.count; ++i)
    if (!TakeString(array.strings[i])) return ReadString(array.strings[i], Fmt("element %zu of %s", i, field.c_str()));
  return {};
}

Status Parser::Alignment() {
  part_.alignment = kDefaultAlignment;
  const auto found = part_.keys.find("general.alignment");
  if (found == part_.keys.end()) return {};
  const GgufValue& value = part_.metadata[found->second].value;
  const size_t at = size_t(value.raw.data() - bytes_.data());
  const GgufNumber* number = value.number();
  const uint64_t* alignment = number ? std::get_if<uint64_t>(number) : nullptr;
  if (!alignment)
    return Corrupt(at, Fmt("'general.alignment' is of type %s; expected uint32", std::string(NameOf(value.type)).c_str()));
  if (!std::has_single_bit(*alignment) || *alignment > UINT32_MAX)
    return Corrupt(at, Fmt("'general.alignment' is %zu; expected a power of two", *alignment));
  part_.alignment = size_t(*alignment);
  return {};
}

Status Parser::TensorInfos() {
  // A name's length, number of dimensions, type and offset.
  constexpr size_t kLeastInfo = 8 + 4 + 4 + 8;
  if (tensor_count_ > left() / kLeastInfo)
    return Corrupt(8, Fmt("%zu tensors cannot be described in the %zu bytes that follow the metadata", tensor_count_, left()));
  part_.tensors.reserve(size_t(tensor_count_));
  places_.reserve(size_t(tensor_count_));
  for (size_t i = 0; i < tensor_count_; ++i) TRY_OK(TensorInfo(i));
  return {};
}

Status Parser::TensorInfo(uint64_t index) {
  GgufTensor tensor;
  Place place{};
  place.info_at = at_;
  TRY_OK(ReadString(tensor.name, Fmt("the name of tensor %zu", index)));
  const std::string shown = "tensor '" + Printable(tensor.name) + "'";
  uint32_t dims;
  const size_t dims_at = at_;
  if (!Take(dims)) return CutShort("the number of dimensions of " + shown, sizeof dims);
  if (dims > kMaxDims)
    return Corrupt(dims_at, Fmt("%s has %u dimensions; expected at most %zu", shown.c_str(), dims, kMaxDims));
  tensor.dims.assign(std::max(dims, 1u), 1);  // no dimensions: one number
  for (uint32_t d = 0; d < dims; ++d)
    if (!Take(tensor.dims[d])) return CutShort(Fmt("dimension %u of %s", d, shown.c_str()), sizeof tensor.dims[d]);
  uint32_t type;
  const size_t type_at = at_;
  if (!Take(type)) return CutShort("the type of " + shown, sizeof type);
  tensor.type = TensorType{type};
  const bool known = FindTensorType(type) != nullptr;
  if (!known && !options_.keep_unknown_types)
    return Error{Code::kUnsupported,
                 Fmt("'%s', byte %zu: %s is of type %s, which hasten does not read; it reads %s", name_.c_str(), type_at,
                     shown.c_str(), TensorTypeName(type).c_str(), TensorTypeList().c_str())};
  const size_t offset_at = at_;
  if (!Take(place.offset)) return CutShort("the offset of " + shown, sizeof place.offset);
  if (place.offset % part_.alignment != 0)
    return Corrupt(offset_at, Fmt("the offset of %s is %zu; expected a multiple of the alignment, %zu", shown.c_str(),
                                  place.offset, part_.alignment));
  TRY_OK(Size(tensor, place.size, dims_at));
  part_.tensors.push_back(std::move(tensor));
  places_.push_back(place);
  return {};
}

// The bytes that the tensor's data takes; 0 for an unknown type.
Status Parser::Size(GgufTensor& tensor, uint64_t& size, size_t dims_at) const {
  const std::string shown = "tensor '" + Printable(tensor.name) + "'";
  uint64_t elements = 1;
  for (const uint64_t dim : tensor.dims) {
    if (dim == 0) return Corrupt(dims_at, Fmt("%s has a dimension of 0", shown.c_str()));
    // 2^63 leaves room for counts in signed arithmetic.
    if (__builtin_mul_overflow(elements, dim, &elements) || elements > uint64_t(INT64_MAX))
      return Corrupt(dims_at, Fmt("the dimensions of %s multiply to more than 2^63", shown.c_str()));
  }
  size = 0;
  const TensorTypeInfo* info = FindTensorType(uint32_t(tensor.type));
  if (!info) return {};
  const std::string type(info->name);
  if (tensor.dims[0] % info->block_elements != 0)
    return Corrupt(dims_at, Fmt("the rows of %s have %zu elements; %s needs a multiple of %zu", shown.c_str(), tensor.dims[0],
                                type.c_str(), info->block_elements));
  if (__builtin_mul_overflow(elements / info->block_elements, info->block_bytes, &size))
    return Corrupt(dims_at, Fmt("%s takes more than 2^64 bytes", shown.c_str()));
  return {};
}

Status Parser::TensorData() {
  if (part_.tensors.empty()) return {};
  const size_t padding = (part_.alignment - at_ % part_.alignment) % part_.alignment;
  const size_t begin = padding <= left() ? at_ + padding : bytes_.size();
  const uint64_t room = bytes_.size() - begin;
  for (size_t i = 0; i < part_.tensors.size(); ++i) {
    GgufTensor& tensor = part_.tensors[i];
    const Place& place = places_[i];
    if (place.size > room || place.offset > room - place.size)
      return Corrupt(place.info_at, Fmt("tensor '%s' has %zu bytes at offset %zu of the data, which has %zu; the file is cut "
                                        "short or damaged",
                                        Printable(tensor.name).c_str(), place.size, place.offset, room));
    tensor.data = bytes_.subspan(begin + size_t(place.offset), size_t(place.size));
  }
  return NoOverlap();
}

Status Parser::NoOverlap() const {
  std::vector<size_t> order(places_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](size_t i) { return std::pair(places_[i].offset, i); });
  for (size_t i = 1; i < order.size(); ++i) {
    const Place &a = places_[order[i - 1]], &b = places_[order[i]];
    if (a.offset + a.size > b.offset)
      return Corrupt(b.info_at,
                     Fmt("the data of tensor '%s' begins inside that of tensor '%s'",
                         Printable(part_.tensors[order[i]].name).c_str(), Printable(part_.tensors[order[i - 1]].name).c_str()));
  }
  return {};
}

template <class T, class Wide>
GgufNumber Decode(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return Wide(value);
}

}  // namespace

GgufNumber DecodeGgufNumber(GgufType type, const std::byte* at) {
  switch (type) {
    case GgufType::kUint8:
      return Decode<uint8_t, uint64_t>(at);
    case GgufType::kInt8:
      return Decode<int8_t, int64_t>(at);
    case GgufType::kUint16:
      return Decode<uint16_t, uint64_t>(at);
    case GgufType::kInt16:
      return Decode<int16_t, int64_t>(at);
    case GgufType::kUint32:
      return Decode<uint32_t, uint64_t>(at);
    case GgufType::kInt32:
      return Decode<int32_t, int64_t>(at);
    case GgufType::kUint64:
      return Decode<uint64_t, uint64_t>(at);
    case GgufType::kInt64:
      return Decode<int64_t, int64_t>(at);
    case GgufType::kFloat32:
      return Decode<float, double>(at);
    case GgufType::kFloat64:
      return Decode<double, double>(at);
    case GgufType::kBool:
      return *at != std::byte{0};
    case GgufType::kString:
    case GgufType::kArray:
      break;
  }
  return uint64_t{0};
}

Result<GgufPart> ParseGgufPart(std::span<const std::byte> bytes, const std::string& name, const GgufOptions& options) {
  return Parser(bytes, name, options).Parse();
}

}  // namespace hasten
