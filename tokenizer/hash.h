// Hashes of short strings, for the tokenizer's tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hasten {

template <class T>
inline uint64_t LoadBytes(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// Up to 16 bytes as two numbers; different texts of one length give different numbers.
struct ShortKey {
  uint64_t a = 0, b = 0;
  static constexpr size_t kMaxBytes = 16;
  explicit ShortKey(std::string_view s) {
    const char* p = s.data();
    const size_t n = s.size();
    if (n >= 8) {
      a = LoadBytes<uint64_t>(p);
      b = LoadBytes<uint64_t>(p + n - 8);
    } else if (n >= 4) {
      a = LoadBytes<uint32_t>(p) | LoadBytes<uint32_t>(p + n - 4) << 32;
    } else if (n > 0) {
      a = uint64_t(uint8_t(p[0])) | uint64_t(uint8_t(p[n / 2])) << 8 | uint64_t(uint8_t(p[n - 1])) << 16;
    }
  }
};

// The two halves of a 128-bit product, folded: every bit of either factor reaches every bit of the result.
inline uint64_t FoldedProduct(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide(a) * b;
  return uint64_t(product) ^ uint64_t(product >> 64);
}

inline uint64_t Hash(const ShortKey& key, size_t bytes) {
  return FoldedProduct(key.a ^ 0x9e3779b97f4a7c15, key.b ^ 0xd1342543de82ef95 ^ uint64_t(bytes) << 56);
}

inline uint64_t HashBytes(std::string_view s) {
  uint64_t hash = s.size();
  while (s.size() > ShortKey::kMaxBytes) {
    hash = FoldedProduct(hash ^ LoadBytes<uint64_t>(s.data()) ^ 0x9e3779b97f4a7c15,
                         LoadBytes<uint64_t>(s.data() + 8) ^ 0xbf58476d1ce4e5b9);
    s.remove_prefix(ShortKey::kMaxBytes);
  }
  return FoldedProduct(hash ^ 0x94d049bb133111eb, Hash(ShortKey(s), s.size()) ^ 0x2545f4914f6cdd1d);
}

}  // namespace hasten
