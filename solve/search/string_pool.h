// Strings as 32-bit ids: equal strings have equal ids, so comparing values is
// comparing words.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/aligned.h"
#include "base/page_allocator.h"

namespace hasten::solve {

inline uint64_t Folded(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return uint64_t(product) ^ uint64_t(product >> 64);
}

// 64 bits that tell strings apart: among ten million two are alike with a probability of three in a million. After wyhash (Wang
// Yi).
inline uint64_t HashBytes(const char* data, size_t size) {
  constexpr uint64_t kA = 0xa0761d6478bd642f, kB = 0xe7037ed1a0b428db, kC = 0x8ebc6af09c88c6e3;
  const auto word = [&](size_t at, auto part) { return std::memcpy(&part, data + at, sizeof(part)), uint64_t(part); };
  uint64_t h = kC;
  const uint64_t all = size;
  for (; size > 16; data += 16, size -= 16) h = Folded(word(0, uint64_t()) ^ kB, word(8, uint64_t()) ^ h);
  uint64_t first = 0, last = 0;  // they overlap where fewer than 16 bytes are left
  if (size >= 8) {
    first = word(0, uint64_t()), last = word(size - 8, uint64_t());
  } else if (size >= 4) {
    first = word(0, uint32_t()), last = word(size - 4, uint32_t());
  } else if (size > 0) {
    first = word(0, uint8_t()) | word(size / 2, uint8_t()) << 8 | word(size - 1, uint8_t()) << 16;
  }
  return Folded(Folded(first ^ kB, last ^ h), kA ^ all);
}

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
  std::vector<Entry, PageAllocator<Entry>> entries_;
  AlignedBuffer<Slot> slots_;
  std::vector<Chunk> chunks_;
  size_t chunk_bytes_ = 0, live_ = 0;  // ids that are not free
  uint32_t free_ = kNone;
};

}  // namespace hasten::solve
