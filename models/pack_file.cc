#include "models/pack_file.h"

#include <cstring>
#include <utility>

#include "base/checksum.h"

namespace hasten {
namespace {

// The last byte counts formats: index and footer as written here.
constexpr uint64_t kMagic = 0x01'6b63'6170'7468;  // "htpack" and 1

template <class T>
void Put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Takes values from the front of bytes, and says so once there are too few.
class Taker {
 public:
  explicit Taker(std::span<const std::byte> bytes) : rest_(bytes) {}
  template <class T>
  T Take() {
    T value{};
    if (rest_.size() < sizeof value) {
      short_ = true;
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_ = rest_.subspan(sizeof value);
    return value;
  }
  std::string Text(uint64_t size) {
    if (size > rest_.size()) {
      short_ = true;
      return {};
    }
    std::string text(reinterpret_cast<const char*>(rest_.data()), size_t(size));
    rest_ = rest_.subspan(size_t(size));
    return text;
  }
  // Whether `count` values of T can still follow: asked before memory is taken for them.
  template <class T>
  bool Holds(uint64_t count) {
    if (count > rest_.size() / sizeof(T)) short_ = true;
    return !short_;
  }
  bool whole() const { return !short_ && rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
  bool short_ = false;
};

Error Damaged(const char* what) { return {Code::kCorrupt, Fmt("packed weights are damaged: %s", what)}; }

Status Check(const PackIndex& index) {
  if (index.slices.size() != (index.data_bytes + kPackSlice - 1) / kPackSlice) return Damaged("checksums are missing");
  for (const PackEntry& e : index.entries)
    if (e.offset % kPackAlign != 0 || e.offset > index.data_bytes || e.bytes > index.data_bytes - e.offset)
      return Damaged("a matrix lies outside");
  return {};
}

}  // namespace

std::string PackIndex::Encode() const {
  std::string out;
  Put(out, key);
  Put(out, uint64_t(model_path.size()));
  out += model_path;
  Put(out, model_bytes);
  Put(out, model_modified_ns);
  Put(out, data_bytes);
  Put(out, uint64_t(entries.size()));
  for (const PackEntry& e : entries) Put(out, e);
  Put(out, uint64_t(slices.size()));
  for (const uint64_t s : slices) Put(out, s);
  return SealPack(std::move(out));
}

std::string SealPack(std::string index) {
  const uint64_t size = index.size(), sum = Checksum(index);
  Put(index, size);
  Put(index, sum);
  Put(index, Checksum(std::string_view(index).substr(index.size() - 16), kMagic));
  Put(index, kMagic);
  return index;
}

Result<uint64_t> ReadPackFooter(std::span<const std::byte> footer, uint64_t file_bytes) {
  Taker taker(footer);
  const auto size = taker.Take<uint64_t>();
  taker.Take<uint64_t>();
  const auto sum = taker.Take<uint64_t>(), magic = taker.Take<uint64_t>();
  if (!taker.whole() || magic != kMagic) return Damaged("they do not end as this version writes them");
  if (sum != Checksum(footer.first(16), kMagic)) return Damaged("the footer's checksum differs");
  if (file_bytes < kPackFooter || size > file_bytes - kPackFooter) return Damaged("the index is larger than the file");
  return size;
}

Result<PackIndex> ReadPackIndex(std::span<const std::byte> tail, uint64_t file_bytes) {
  if (tail.size() < kPackFooter) return Damaged("there is no footer");
  const auto footer = tail.last(kPackFooter);
  TRY(const uint64_t size, ReadPackFooter(footer, file_bytes));
  if (size != tail.size() - kPackFooter) return Damaged("the index has another size");
  uint64_t sum = 0;
  std::memcpy(&sum, footer.data() + 8, sizeof sum);
  if (sum != Checksum(tail.first(size_t(size)))) return Damaged("the index's checksum differs");
  Taker taker(tail.first(size_t(size)));
  PackIndex index;
  index.key = taker.Take<PackKey>();
  index.model_path = taker.Text(taker.Take<uint64_t>());
  index.model_bytes = taker.Take<uint64_t>();
  index.model_modified_ns = taker.Take<int64_t>();
  index.data_bytes = taker.Take<uint64_t>();
  const auto entries = taker.Take<uint64_t>();
  for (uint64_t i = 0; taker.Holds<PackEntry>(entries - i) && i < entries; ++i)
    index.entries.push_back(taker.Take<PackEntry>());
  const auto slices = taker.Take<uint64_t>();
  for (uint64_t i = 0; taker.Holds<uint64_t>(slices - i) && i < slices; ++i) index.slices.push_back(taker.Take<uint64_t>());
  if (!taker.whole()) return Damaged("the index ends early or late");
  if (index.data_bytes != file_bytes - tail.size()) return Damaged("the panels are fewer or more than the index says");
  TRY_OK(Check(index));
  return index;
}

}  // namespace hasten
