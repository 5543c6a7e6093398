#include "base/cpu.h"

#include <cstdlib>

#if defined(__aarch64__)
#include <sys/auxv.h>
#elif defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace hasten {

#if defined(__x86_64__)
static constexpr Isa kIsas[] = {{"amx", kCpuAvx2 | kCpuAvx512 | kCpuAmx},
                                {"avx512", kCpuAvx2 | kCpuAvx512},
                                {"avxvnni", kCpuAvx2 | kCpuAvxVnni},
                                {"avx2", kCpuAvx2},
                                {"ref", 0}};
#elif defined(__aarch64__)
static constexpr Isa kIsas[] = {{"neon_dot", kCpuNeon | kCpuNeonDot}, {"neon", kCpuNeon}, {"ref", 0}};
#else
static constexpr Isa kIsas[] = {{"ref", 0}};
#endif

#if defined(__x86_64__)
// CPUID leaf 7, EDX bits 22 (BF16), 24 (tiles) and 25 (int8); sub-leaf 1, EAX bit 5 (AVX-512 BF16). Linux hands the tile
// registers out on demand, a request a process (Documentation/arch/x86/xstate.rst).
static bool HasAmx() {
  uint32_t eax = 7, ebx = 0, ecx = 0, edx = 0;
  asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  constexpr uint32_t kTiles = 1u << 22 | 1u << 24 | 1u << 25;
  if ((edx & kTiles) != kTiles) return false;
  eax = 7, ecx = 1;
  asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  if ((eax >> 5 & 1) == 0) return false;
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

static uint32_t DetectFeatures() {
  uint32_t f = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) f |= kCpuAvx2;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
    f |= kCpuAvx512;
  // g++ 12's __builtin_cpu_supports knows no "avxvnni": CPUID leaf 7, sub-leaf 1, EAX bit 4 (Intel SDM vol. 2A).
  uint32_t eax = 7, ebx = 0, ecx = 1, edx = 0;
  if (__builtin_cpu_supports("avx2")) {
    asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    if (eax >> 4 & 1) f |= kCpuAvxVnni;
  }
  if ((f & kCpuAvx512) && __builtin_cpu_supports("avx512bf16")) f |= kCpuAvx512Bf16;
  if ((f & kCpuAvx512) && HasAmx()) f |= kCpuAmx;
#elif defined(__aarch64__)
  f |= kCpuNeon;
  if (getauxval(AT_HWCAP) & (1UL << 20)) f |= kCpuNeonDot;  // HWCAP_ASIMDDP
#endif
  return f;
}

uint32_t CpuFeatures() {
  static const uint32_t features = DetectFeatures();
  return features;
}

static const Isa*& Active() {
  static const Isa* active = [] {
    if (const char* name = std::getenv("HASTEN_ISA"))
      if (auto isa = IsaFromName(name)) return *isa;
    for (const Isa& isa : kIsas)
      if (RunsHere(isa)) return &isa;
    return &kIsas[std::size(kIsas) - 1];
  }();
  return active;
}

std::span<const Isa> Isas() { return kIsas; }
bool RunsHere(const Isa& isa) { return (isa.features & ~CpuFeatures()) == 0; }
const Isa& ActiveIsa() { return *Active(); }
void ForceIsa(const Isa& isa) { Active() = &isa; }

Result<const Isa*> IsaFromName(std::string_view name) {
  std::string names;
  for (const Isa& isa : kIsas) {
    if (isa.name == name) {
      if (RunsHere(isa)) return &isa;
      return Error{Code::kUnsupported, Fmt("this processor cannot run the variant '%s'", std::string(name).c_str())};
    }
    names += names.empty() ? "" : ", ";
    names += isa.name;
  }
  return Error{Code::kBadInput, Fmt("no variant is named '%s'; this build has %s", std::string(name).c_str(), names.c_str())};
}

}  // namespace hasten
