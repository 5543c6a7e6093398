// 128 bits that stand for bytes: equal for equal bytes, different for others but for an accident. Not against somebody who
// looks for two texts with one fingerprint.
//
// Source   the folded multiplication of wyhash (Wang Yi, public domain), two lanes of it with constants of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/random.h"

namespace hasten {

struct Fingerprint {
  uint64_t a = 0, b = 0;
  bool operator==(const Fingerprint&) const = default;
  std::string Hex() const;  // 32 digits
  static bool FromHex(const std::string& text, Fingerprint& out);
};

// Of `bytes`, behind whatever `so_far` stands for. Cutting bytes in pieces makes another fingerprint.
Fingerprint FingerprintOf(std::span<const std::byte> bytes, Fingerprint so_far = {});

struct FingerprintHash {
  size_t operator()(const Fingerprint& f) const { return f.a; }
};

}  // namespace hasten
