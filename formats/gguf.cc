#include "formats/gguf.h"

#include <algorithm>
#include <map>

#include "base/quote.h"
#include "formats/gguf_part.h"

namespace hasten {

std::string_view NameOf(GgufType type) {
  constexpr std::string_view kNames[] = {"uint8", "int8",   "uint16", "int16",  "uint32", "int32",  "float32",
                                         "bool",  "string", "array",  "uint64", "int64",  "float64"};
  return size_t(type) < std::size(kNames) ? kNames[size_t(type)] : "unknown";
}

size_t BytesOf(GgufType type) {
  constexpr size_t kBytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return size_t(type) < std::size(kBytes) ? kBytes[size_t(type)] : 0;
}

GgufNumber GgufArray::Number(size_t i) const { return DecodeGgufNumber(type, numbers.data() + i * BytesOf(type)); }

uint64_t GgufTensor::elements() const {
  uint64_t n = 1;
  for (const uint64_t d : dims) n *= d;
  return n;
}

namespace {

// What a part says of the split that it belongs to.
struct Split {
  uint64_t number = 0, count = 1;  // this part, from 0; all parts
};

Result<uint64_t> SplitField(const GgufPart& part, const std::string& name, const char* key, uint64_t otherwise) {
  const auto found = part.keys.find(key);
  if (found == part.keys.end()) return otherwise;
  if (const GgufNumber* number = part.metadata[found->second].value.number()) {
    if (const auto* u = std::get_if<uint64_t>(number)) return *u;
    if (const auto* i = std::get_if<int64_t>(number); i && *i >= 0) return uint64_t(*i);
  }
  return Error{Code::kCorrupt, Fmt("'%s': '%s' is not a whole number of 0 or more", name.c_str(), key)};
}

Result<Split> SplitOf(const GgufPart& part, const std::string& name) {
  TRY(const uint64_t number, SplitField(part, name, "split.no", 0));
  TRY(const uint64_t count, SplitField(part, name, "split.count", 1));
  if (number >= std::max<uint64_t>(count, 1))
    return Error{Code::kCorrupt, Fmt("'%s': 'split.no' is %zu, but 'split.count' is %zu", name.c_str(), number, count)};
  return Split{number, std::max<uint64_t>(count, 1)};
}

std::string PartSuffix(uint64_t number, uint64_t count) { return Fmt("-%05zu-of-%05zu.gguf", number + 1, count); }

// The path of part `index` (from 0), made from the path of part `split.number`; empty where that is not named as a part.
std::string PartPath(const std::string& path, const Split& split, uint64_t index) {
  const std::string own = PartSuffix(split.number, split.count);
  if (!path.ends_with(own)) return {};
  return path.substr(0, path.size() - own.size()) + PartSuffix(index, split.count);
}

struct OpenedPart {
  MappedFile file;
  GgufPart content;
  Split split;
};

Result<OpenedPart> OpenPart(const std::string& path, const GgufOptions& options) {
  TRY(MappedFile file, MappedFile::Open(path));
  TRY(GgufPart content, ParseGgufPart(file.bytes(), path, options));
  TRY(const Split split, SplitOf(content, path));
  return OpenedPart{std::move(file), std::move(content), split};
}

}  // namespace

struct Gguf::Impl {
  std::string path;
  std::vector<MappedFile> files;  // empty for borrowed bytes
  size_t file_bytes = 0;
  GgufPart first;                   // without its tensors
  std::vector<GgufTensor> tensors;  // of all parts
  std::map<std::string_view, size_t> names;

  Status AddTensors(std::vector<GgufTensor> more, size_t part, const std::string& name) {
    for (GgufTensor& tensor : more) {
      tensor.part = part;
      if (!names.emplace(tensor.name, tensors.size()).second)
        return Error{Code::kCorrupt, Fmt("'%s': tensor '%s' is there twice", name.c_str(), Printable(tensor.name).c_str())};
      tensors.push_back(std::move(tensor));
    }
    return {};
  }

  Status Add(OpenedPart part, const std::string& part_path) {
    const size_t index = files.size();
    TRY_OK(AddTensors(std::move(part.content.tensors), index, part_path));
    if (index == 0) {
      path = part_path;
      first = std::move(part.content);
    }
    file_bytes += part.file.bytes().size();
    files.push_back(std::move(part.file));
    return {};
  }
};

Result<Gguf> Gguf::Parse(std::span<const std::byte> bytes, std::string name, GgufOptions options) {
  auto impl = std::make_shared<Impl>();
  TRY(GgufPart part, ParseGgufPart(bytes, name, options));
  TRY(const Split split, SplitOf(part, name));
  if (split.count > 1)
    return Error{Code::kUnsupported,
                 Fmt("'%s' is one of %zu parts; open it by its path to read all of them", name.c_str(), split.count)};
  impl->file_bytes = bytes.size();
  TRY_OK(impl->AddTensors(std::move(part.tensors), 0, name));
  impl->first = std::move(part);
  impl->path = std::move(name);
  return Gguf(std::move(impl));
}

Result<Gguf> Gguf::Open(const std::string& path, GgufOptions options) {
  auto impl = std::make_shared<Impl>();
  TRY(OpenedPart named, OpenPart(path, options));
  const Split split = named.split;
  if (split.count > 1 && PartPath(path, split, 0).empty())
    return Error{Code::kBadInput,
                 Fmt("'%s' is part %zu of %zu; expected a name that ends with '%s', so that the other parts can "
                     "be found",
                     path.c_str(), split.number + 1, split.count, PartSuffix(split.number, split.count).c_str())};
  for (uint64_t i = 0; i < split.count; ++i) {
    const std::string part_path = split.count > 1 ? PartPath(path, split, i) : path;
    if (i != split.number) {
      TRY(OpenedPart other, OpenPart(part_path, options));
      if (other.split.number != i || other.split.count != split.count)
        return Error{Code::kCorrupt, Fmt("'%s' calls itself part %zu of %zu; expected part %zu of %zu", part_path.c_str(),
                                         other.split.number + 1, other.split.count, i + 1, split.count)};
      TRY_OK(impl->Add(std::move(other), part_path));
    } else {
      TRY_OK(impl->Add(std::move(named), part_path));
    }
  }
  TRY(const uint64_t expected, SplitField(impl->first, impl->path, "split.tensors.count", impl->tensors.size()));
  if (expected != impl->tensors.size())
    return Error{Code::kCorrupt, Fmt("'%s': 'split.tensors.count' is %zu, but its parts hold %zu tensors", impl->path.c_str(),
                                     expected, impl->tensors.size())};
  return Gguf(std::move(impl));
}

const std::string& Gguf::path() const { return impl_->path; }
uint32_t Gguf::version() const { return impl_->first.version; }
size_t Gguf::alignment() const { return impl_->first.alignment; }
size_t Gguf::parts() const { return std::max<size_t>(impl_->files.size(), 1); }
size_t Gguf::file_bytes() const { return impl_->file_bytes; }
std::span<const MappedFile> Gguf::files() const { return impl_->files; }
std::span<const GgufEntry> Gguf::metadata() const { return impl_->first.metadata; }
std::span<const GgufTensor> Gguf::tensors() const { return impl_->tensors; }

const GgufValue* Gguf::Find(std::string_view key) const {
  const auto found = impl_->first.keys.find(key);
  return found == impl_->first.keys.end() ? nullptr : &impl_->first.metadata[found->second].value;
}

const GgufTensor* Gguf::FindTensor(std::string_view name) const {
  const auto found = impl_->names.find(name);
  return found == impl_->names.end() ? nullptr : &impl_->tensors[found->second];
}

void Gguf::Release(const GgufTensor& tensor, std::span<const std::byte> part) const {
  if (tensor.part < impl_->files.size()) impl_->files[tensor.part].Release(part);
}

}  // namespace hasten
