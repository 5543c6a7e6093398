// A 64-bit checksum of bytes at the speed of memory: tells damage and difference apart, not malice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/random.h"

namespace hasten {

// Eight chains, so that a core multiplies a word a cycle. A step is a bijection of its word: a change of one word alone never
// goes unseen.
inline uint64_t Checksum(std::span<const std::byte> bytes, uint64_t seed = 0) {
  constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
  constexpr size_t kChains = 8, kRound = kChains * sizeof(uint64_t);
  uint64_t chain[kChains];
  for (size_t i = 0; i < kChains; ++i) chain[i] = Mix64(seed + i);
  size_t at = 0;
  for (; at + kRound <= bytes.size(); at += kRound) {
    uint64_t word[kChains];
    std::memcpy(word, bytes.data() + at, kRound);
    for (size_t i = 0; i < kChains; ++i) {
      const uint64_t mixed = (chain[i] ^ word[i]) * kOdd;
      chain[i] = mixed << 29 | mixed >> 35;
    }
  }
  uint64_t sum = Mix64(seed ^ bytes.size());
  for (const uint64_t c : chain) sum = Mix64(sum ^ c);
  for (; at < bytes.size(); ++at) sum = Mix64(sum ^ uint64_t(bytes[at]));
  return sum;
}
inline uint64_t Checksum(std::string_view text, uint64_t seed = 0) { return Checksum(std::as_bytes(std::span(text)), seed); }

}  // namespace hasten
