#include "base/processor.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/threads.h"

namespace hasten {
namespace {

cpu_set_t Allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  return set;
}

// On threads of their own: what they may run on is narrowed for good.
TEST(Processor, LanesKeepToOneEachWhereThereIsOneForEach) {
  const cpu_set_t all = Allowed();
  const auto processors = size_t(CPU_COUNT(&all));
  std::jthread([&] {
    Team team(processors);
    for (int time = 0; time < 2; ++time)  // the second changes nothing
      team.Run([](const Lane& lane) { KeepToProcessor(lane.index(), lane.count()); });
    std::vector<int> on(processors, -1);
    for (int run = 0; run < 20; ++run) {
      team.Run([&](const Lane& lane) { on[lane.index()] = sched_getcpu(); });
      std::vector<int> sorted = on;
      std::ranges::sort(sorted);
      EXPECT_EQ(std::ranges::unique(sorted).size(), 0u) << "two lanes on one processor";
      EXPECT_TRUE(std::ranges::all_of(on, [&](int processor) { return CPU_ISSET(size_t(processor), &all); }));
    }
  });
}

TEST(Processor, AThreadRunsOnAnyWhereThereAreMoreOrFewerThanLanes) {
  const cpu_set_t all = Allowed();
  const auto processors = size_t(CPU_COUNT(&all));
  std::jthread([&] {
    EXPECT_FALSE(KeepToProcessor(0, processors + 1));
    EXPECT_FALSE(KeepToProcessor(0, processors - 1));
    EXPECT_FALSE(KeepToProcessor(processors, processors));
    const cpu_set_t still = Allowed();
    EXPECT_TRUE(CPU_EQUAL(&all, &still));
    EXPECT_TRUE(KeepToProcessor(processors - 1, processors));
    const cpu_set_t own = Allowed();
    EXPECT_EQ(CPU_COUNT(&own), 1);
  });
}

}  // namespace
}  // namespace hasten
