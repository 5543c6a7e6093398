// Strings as 32-bit ids: equal strings have equal ids, so comparing values is
// comparing words.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace hasten::solve {

// Bytes move in Sweep() alone, ids never. Id 0 is the empty string.
class StringPool {
 public:
  StringPool();
  uint32_t Intern(std::string_view text);
  std::string_view operator[](uint32_t id) const { return {entries_[id].data, entries_[id].size}; }
  size_t size() const { return entries_.size(); }  // ids are below this
  // All that the pool takes, and will have taken when `more` strings have come (their bytes aside).
  size_t bytes(size_t more = 0) const;
  size_t live_bytes() const;                        // what of it serves strings that are there
  size_t chunks() const { return chunks_.size(); }  // of 256 KiB

  // Frees the strings from id `floor` on that `used` (an entry an id) does not name. Their ids will be others'.
  void Sweep(uint32_t floor, const std::vector<bool>& used);

  // Room for a result of `size` bytes to be built in, valid until the next
  // call.
  char* Scratch(size_t size) {
    if (scratch_.size() < size) scratch_.resize(size * 2);
    return scratch_.data();
  }

 private:
  struct Entry {
    const char* data;  // nullptr: the id is free, and `size` is the next free one
    uint32_t size, hash;
  };
  struct Slot {
    uint32_t hash, id;  // id + 1; 0 is free
  };
  struct Chunk {  // strings one after the other, each behind its id
    std::unique_ptr<char[]> bytes;
    size_t size, used;
  };
  const char* Store(uint32_t id, std::string_view text);
  void Rehash(size_t slots);

  static constexpr uint32_t kNone = UINT32_MAX;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;
  std::vector<Chunk> chunks_;
  size_t chunk_bytes_ = 0, live_ = 0;  // ids that are not free
  uint32_t free_ = kNone;
  std::vector<char> scratch_;
};

// A fast hash for short strings; quality is enough for open addressing.
inline uint32_t HashBytes(const char* data, size_t size) {
  uint64_t h = 0x9e3779b97f4a7c15 ^ size;
  uint64_t word = 0;
  for (; size >= 8; data += 8, size -= 8) {
    std::memcpy(&word, data, 8);
    h = (h ^ word) * 0xbf58476d1ce4e5b9;
    h ^= h >> 29;
  }
  word = 0;
  std::memcpy(&word, data, size);
  h = (h ^ word) * 0xbf58476d1ce4e5b9;
  return uint32_t(h >> 32);
}

}  // namespace hasten::solve
