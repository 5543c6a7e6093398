// The per-ISA entry points behind the tables of limits.cc. Included by limits.cc and the ISA files only.
#pragma once

#include "kernels/limits/limits.h"

namespace hasten {

#if defined(__x86_64__)
namespace amx {
PeakFn Bf16Peak;
}
namespace avx512_bf16 {
PeakFn Bf16Peak;
}
namespace avx512 {
ReadAllFn ReadAll;
PeakFn Int8Peak;
PeakFn FloatPeak;
}  // namespace avx512
namespace avxvnni {
PeakFn Int8Peak;
}
namespace avx2 {
ReadAllFn ReadAll;
PeakFn Int8Peak;
PeakFn FloatPeak;
}  // namespace avx2
#elif defined(__aarch64__)
namespace neon {
ReadAllFn ReadAll;
PeakFn Int8Peak;
PeakFn FloatPeak;
}  // namespace neon
namespace neon_dot {
PeakFn Int8Peak;
}
#endif

}  // namespace hasten
