// One operation, several implementations: the table that each kernel exports and the choice from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/cpu.h"

namespace hasten {

template <class Fn>
struct Variant {
  std::string_view name;
  uint32_t needs;  // CpuFeature bits; a table is ordered best first and ends with a row that needs nothing
  Fn* fn;
};

// The first row that the active ISA covers. An operation without a row of its own for an ISA runs the next simpler one.
template <class Fn>
Fn* Pick(std::span<const Variant<Fn>> variants) {
  for (const auto& v : variants)
    if ((v.needs & ~ActiveIsa().features) == 0) return v.fn;
  return variants.back().fn;
}

}  // namespace hasten
