// The symbols that an ELF object in memory defines, found by its GNU hash table.
#pragma once

#include <elf.h>

#include <cstdint>
#include <string_view>

namespace hasten::sandbox {

// memcmp() of the C library would be a page of code touched, raw.h.
bool Same(std::string_view a, std::string_view b);

// Whatever the tables say, nothing outside of [begin, end) is read: a candidate wrote them.
class Symbols {
 public:
  // Addresses as the dynamic section has them once the object is where it is; false: no tables of this kind.
  bool Read(const char* begin, const char* end, const char* hash, const char* symbols, const char* strings,
            uint64_t string_bytes);
  // Its index; 0: it defines no such symbol. With versions there may be several of a name: the next one `after` that index.
  uint32_t Find(std::string_view name, uint32_t after = 0) const;
  bool Defines(unsigned type) const;  // any of that type, STT_…
  const Elf64_Sym* At(uint64_t index) const;
  std::string_view Name(uint64_t offset) const;  // empty where it is none; followed by a zero byte

 private:
  template <class T>
  const T* Items(const char* at, uint64_t count) const {
    const bool inside = at >= begin_ && at <= end_ && uint64_t(end_ - at) / sizeof(T) >= count;
    return inside && uintptr_t(at) % alignof(T) == 0 ? reinterpret_cast<const T*>(at) : nullptr;
  }

  const char *begin_ = nullptr, *end_ = nullptr, *symbols_ = nullptr, *strings_ = nullptr;
  uint64_t string_bytes_ = 0;
  uint32_t buckets_n_ = 0, first_ = 0, filter_n_ = 0, shift_ = 0;
  const uint64_t* filter_ = nullptr;
  const uint32_t* buckets_ = nullptr;
  const char* chains_ = nullptr;
};

}  // namespace hasten::sandbox
