// The variants of a kernel that this machine can run, and random numbers for them.
#pragma once

#include <span>
#include <vector>

#include "base/random.h"
#include "kernels/variant.h"

namespace hasten {

template <class Fn>
std::vector<Variant<Fn>> RunnableHere(std::span<const Variant<Fn>> variants) {
  std::vector<Variant<Fn>> here;
  for (const auto& v : variants)
    if (RunsHere({v.name, v.needs})) here.push_back(v);
  return here;
}

// Uniform in [-size, size).
inline std::vector<float> RandomFloats(uint64_t seed, size_t n, float size = 1) {
  std::vector<float> v(n);
  for (size_t i = 0; i < n; ++i) v[i] = size * (2 * float(RandomUnit(seed, i)) - 1);
  return v;
}

}  // namespace hasten
