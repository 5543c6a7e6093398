#include "base/fingerprint.h"

#include <cstdio>
#include <cstdlib>

namespace hasten {

static uint64_t Fold(uint64_t x, uint64_t y) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide(x) * y;
  return uint64_t(product) ^ uint64_t(product >> 64);
}

Fingerprint FingerprintOf(std::span<const std::byte> bytes, Fingerprint so_far) {
  constexpr uint64_t kA = 0xa0761d6478bd642f, kB = 0xe7037ed1a0b428db, kC = 0x8ebc6af09c88c6e3, kD = 0x589965cc75374cc3;
  uint64_t a = so_far.a ^ Mix64(bytes.size()), b = so_far.b ^ Mix64(~uint64_t(bytes.size()));
  for (size_t at = 0; at < bytes.size(); at += 16) {
    uint64_t word[2] = {0, 0};
    std::memcpy(word, bytes.data() + at, bytes.size() - at < 16 ? bytes.size() - at : 16);
    // What is multiplied by zero is lost: adding the word keeps it.
    a = Fold(a ^ word[0] ^ kA, word[1] ^ kB) + word[0];
    b = Fold(b ^ word[1] ^ kC, word[0] ^ kD) + word[1];
  }
  return {Mix64(a ^ (b << 1 | b >> 63)), Mix64(b ^ Mix64(a))};
}

std::string Fingerprint::Hex() const {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(a), static_cast<unsigned long long>(b));
  return text;
}

bool Fingerprint::FromHex(const std::string& text, Fingerprint& out) {
  if (text.size() != 32 || text.find_first_not_of("0123456789abcdef") != std::string::npos) return false;
  out.a = std::strtoull(text.substr(0, 16).c_str(), nullptr, 16);
  out.b = std::strtoull(text.substr(16).c_str(), nullptr, 16);
  return true;
}

}  // namespace hasten
