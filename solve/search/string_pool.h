// Strings as 32-bit ids: equal strings have equal ids, so comparing values is
// comparing words.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace hasten::solve {

// Bytes live in chunks that never move; nothing is freed before the pool is. Id
// 0 is the empty string.
class StringPool {
 public:
  StringPool();
  uint32_t Intern(std::string_view text);
  std::string_view operator[](uint32_t id) const { return {entries_[id].data, entries_[id].size}; }
  size_t size() const { return entries_.size(); }
  size_t bytes() const;  // all that the pool has taken

  // Room for a result of `size` bytes to be built in, valid until the next
  // call.
  char* Scratch(size_t size) {
    if (scratch_.size() < size) scratch_.resize(size * 2);
    return scratch_.data();
  }

 private:
  struct Entry {
    const char* data;
    uint32_t size, hash;
  };
  struct Slot {
    uint32_t hash, id;  // id + 1; 0 is free
  };
  char* Store(std::string_view text);
  void Grow();

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  size_t chunk_free_ = 0, chunk_bytes_ = 0;
  char* chunk_at_ = nullptr;
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
