// What this machine can do, measured now: the speed of a model is stated as a share of it.
#pragma once

#include <cstddef>

#include "base/threads.h"

namespace hasten {

// All lanes of one team together, per second. Multiply-adds are those of the active ISA.
struct MachineLimits {
  size_t threads = 0;
  double memory_bytes = 0;  // read from a buffer larger than the last-level cache where memory allows
  double cache_bytes = 0;   // read from a buffer that lies in the last-level cache but in no nearer one
  double int8_multiply_adds = 0;
  double float_multiply_adds = 0;
  double bf16_multiply_adds = 0;  // with float sums; 0 where no instruction multiplies BF16
};

// Takes about `seconds` for each of the five, and up to 1 GiB of memory meanwhile.
MachineLimits MeasureMachine(Team& team, double seconds = 0.3);

MachineLimits MeasurePeaks(Team& team, double seconds);  // the multiply-adds alone

// Bytes read per second by all lanes, each its own part of a buffer of `bytes` over and over. The best of many passes: the
// limit is what the machine can do, not what its other users left of it.
double MeasureRead(Team& team, size_t bytes, double seconds);

size_t LastLevelCacheBytes();  // 0 where the system does not say

}  // namespace hasten
