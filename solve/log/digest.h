// A name for bytes: 64 bits, the same on every machine and in every build, so that logs of different days can be compared.
// Not against forgery: whoever wants two texts of one digest can make them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace hasten::solve {

inline uint64_t Digest(std::string_view bytes, uint64_t seed = 0) {
  uint64_t hash = Mix64(seed ^ bytes.size());
  for (size_t i = 0; i < bytes.size(); i += 8) {
    uint64_t word = 0;  // little-endian on every processor that hasten knows
    std::memcpy(&word, bytes.data() + i, bytes.size() - i < 8 ? bytes.size() - i : 8);
    hash = Mix64(hash ^ word) * 0x9e3779b97f4a7c15;
  }
  return Mix64(hash);
}

inline std::string DigestText(uint64_t digest) { return Fmt("%016llx", static_cast<unsigned long long>(digest)); }

}  // namespace hasten::solve
