// What this processor can do, as far as kernels care, and the choice of a variant ("ISA") by name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hasten {

enum CpuFeature : uint32_t {
  kCpuAvx2 = 1 << 0,        // AVX2 + FMA + F16C
  kCpuAvxVnni = 1 << 1,     // VEX-encoded 256-bit VNNI
  kCpuAvx512 = 1 << 2,      // F, BW, DQ, VL and VNNI
  kCpuAmx = 1 << 5,         // AMX tiles, int8 and BF16 (also AVX-512 BF16), and the kernel's leave to use them
  kCpuAvx512Bf16 = 1 << 6,  // AVX-512 BF16; part of no variant, whose bytes it would change
  kCpuNeon = 1 << 3,
  kCpuNeonDot = 1 << 4,  // SDOT/UDOT
};

// A named set of features; kernels of a variant may use only these, so one name means the same bytes on every machine.
struct Isa {
  std::string_view name;
  uint32_t features;
};

std::span<const Isa> Isas();  // of this architecture, best first; "ref" (no features) is last
bool RunsHere(const Isa& isa);
uint32_t CpuFeatures();                                 // all that this processor has
const Isa& ActiveIsa();                                 // HASTEN_ISA when it names one that runs here, else the best
Result<const Isa*> IsaFromName(std::string_view name);  // kBadInput lists the names; kUnsupported where the CPU lacks it
void ForceIsa(const Isa& isa);                          // for tests: takes effect at the next Pick; not thread-safe

}  // namespace hasten
