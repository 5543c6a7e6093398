#include "engine/machine.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/memory.h"
#include "base/pages.h"
#include "kernels/limits/limits.h"

namespace hasten {

static constexpr size_t kMiB = size_t{1} << 20;
static constexpr size_t kLargestBuffer = 1024 * kMiB;
static constexpr double kShortestPass = 1e-3;  // seconds; shorter ones would measure the start of the lanes

static double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

size_t LastLevelCacheBytes() {
  size_t bytes = 0;
#ifdef _SC_LEVEL3_CACHE_SIZE
  for (const int name : {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE}) {
    if (const long size = sysconf(name); size > 0) bytes = size_t(size);
  }
#endif
  return bytes;
}

// Runs `work(lane, repeats)` on all lanes in passes of at least kShortestPass, for `seconds`. Returns the shortest time of
// one repeat.
template <class Work>
static double BestRepeat(Team& team, double seconds, Work work) {
  size_t repeats = 1;
  double best = 1e30;
  for (const double end = Now() + seconds; best > 1e29 || Now() < end;) {
    const double start = Now();
    team.Run([&](const Lane& lane) { work(lane, repeats); });
    const double took = Now() - start;
    if (took < kShortestPass) {
      repeats *= 2;
      continue;
    }
    best = std::min(best, took / double(repeats));
  }
  return best;
}

double MeasureRead(Team& team, size_t bytes, double seconds) {
  const size_t share = std::max<size_t>(1, bytes / team.lanes() / kReadGrain) * kReadGrain;
  const Pages pages(share * team.lanes());
  // A place for each lane's result, a cache line apart: what nobody reads a compiler need not compute.
  const Pages results(team.lanes() * 64);
  const auto pass = [&](const Lane& lane, size_t repeats) {
    uint64_t sum = 0;
    for (size_t r = 0; r < repeats; ++r) sum ^= ReadAll(pages.data() + lane.index() * share, share);
    *reinterpret_cast<volatile uint64_t*>(results.data() + lane.index() * 64) = sum;
  };
  // Pages that were never written are one page of zeros to the system, which would lie in the nearest cache.
  team.Run([&](const Lane& lane) { std::fill_n(pages.data() + lane.index() * share, share, std::byte{1}); });
  return double(share * team.lanes()) / BestRepeat(team, seconds, pass);
}

template <class Peak>
static double MeasurePeak(Team& team, double seconds, Peak peak) {
  constexpr size_t kRounds = 1000;
  const double per_lane = peak(kRounds).multiply_adds;
  const double best = BestRepeat(team, seconds, [&](const Lane&, size_t repeats) { peak(kRounds * repeats); });
  return per_lane * double(team.lanes()) / best;
}

MachineLimits MeasurePeaks(Team& team, double seconds) {
  MachineLimits limits;
  limits.threads = team.lanes();
  limits.int8_multiply_adds = MeasurePeak(team, seconds, Int8Peak);
  limits.float_multiply_adds = MeasurePeak(team, seconds, FloatPeak);
  if (Bf16PeakOf() != nullptr) limits.bf16_multiply_adds = MeasurePeak(team, seconds, Bf16PeakOf());
  return limits;
}

MachineLimits MeasureMachine(Team& team, double seconds) {
  const size_t cache = LastLevelCacheBytes();
  const size_t free = FreeMemoryBytes();
  const size_t large = std::min({std::max(2 * cache, 256 * kMiB), kLargestBuffer, free == 0 ? 256 * kMiB : free / 4});
  // Beyond the second-level cache of each core, which is at most 2 MiB on what is sold today, within the last-level one.
  const size_t small = std::max(kMiB, std::min(4 * kMiB * team.lanes(), cache / 2));
  MachineLimits limits = MeasurePeaks(team, seconds);
  limits.memory_bytes = MeasureRead(team, large, seconds);
  limits.cache_bytes = MeasureRead(team, small, seconds);
  return limits;
}

}  // namespace hasten
