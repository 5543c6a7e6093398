// Finds a text's number: a hash table over texts that live elsewhere. Built once, then read by many threads.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/hash.h"

namespace hasten {

class TextIndex {
 public:
  // Room for `count` texts.
  explicit TextIndex(size_t count) : slots_(std::bit_ceil(count + count / 2 + 2)) {}

  // The number of `text`, or -1.
  int32_t Find(std::string_view text) const {
    const uint64_t hash = HashBytes(text);
    for (size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[i];
      if (slot.data == nullptr) return -1;
      if (slot.Is(text, hash)) return slot.number;
    }
  }

  // Where the text is there already, nothing changes. `text` must outlive the index; one that is empty or longer than
  // kLongest is never found.
  void Add(std::string_view text, int32_t number) {
    if (text.empty() || text.size() > kLongest) return;
    const uint64_t hash = HashBytes(text);
    for (size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[i];
      if (slot.data == nullptr) {
        slot = {text.data(), uint16_t(text.size()), uint16_t(hash >> 48), number};
        return;
      }
      if (slot.Is(text, hash)) return;
    }
  }

 private:
  struct Slot {
    const char* data = nullptr;
    uint16_t bytes = 0;
    uint16_t tag = 0;  // bits of the hash that do not choose the slot
    int32_t number = -1;
    bool Is(std::string_view text, uint64_t hash) const {
      return tag == uint16_t(hash >> 48) && bytes == text.size() && std::memcmp(data, text.data(), bytes) == 0;
    }
  };
  static_assert(sizeof(Slot) == 16);  // four to a cache line: looking up words is waiting for memory
  static constexpr size_t kLongest = UINT16_MAX;
  std::vector<Slot> slots_;  // a power of two, at most two thirds of them taken
};

}  // namespace hasten
