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
  explicit TextIndex(size_t count) : slots_(std::bit_ceil(2 * count + 2)) {}

  // The number of `text`, or -1.
  int32_t Find(std::string_view text) const {
    const uint64_t hash = HashBytes(text);
    for (size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[i];
      if (slot.data == nullptr) return -1;
      if (slot.hash == uint32_t(hash >> 32) && slot.bytes == text.size() && std::string_view(slot.data, slot.bytes) == text)
        return slot.number;
    }
  }

  // False, and nothing changes, where the text is there already. `text` must outlive the index and not be empty.
  bool Add(std::string_view text, int32_t number) {
    const uint64_t hash = HashBytes(text);
    for (size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[i];
      if (slot.data == nullptr) {
        slot = {text.data(), text.size(), uint32_t(hash >> 32), number};
        return true;
      }
      if (slot.hash == uint32_t(hash >> 32) && std::string_view(slot.data, slot.bytes) == text) return false;
    }
  }

 private:
  struct Slot {
    const char* data = nullptr;
    size_t bytes = 0;
    uint32_t hash = 0;
    int32_t number = -1;
  };
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace hasten
