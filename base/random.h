// Random numbers as a function of (seed, position): no state to carry, so a number is the same however work is ordered.
// Source: SplitMix64's output function (Steele, Lea, Flood 2014), applied twice so that seed and position both avalanche.
#pragma once

#include <cstdint>

namespace hasten {

constexpr uint64_t Mix64(uint64_t z) {
  z += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

constexpr uint64_t RandomBits(uint64_t seed, uint64_t position) { return Mix64(Mix64(seed) ^ (position * 0xd1342543de82ef95)); }
// Uniform in [0, 1), 53 bits.
constexpr double RandomUnit(uint64_t seed, uint64_t position) { return double(RandomBits(seed, position) >> 11) * 0x1p-53; }

}  // namespace hasten
