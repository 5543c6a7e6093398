#include "base/threads.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <numeric>
#include <string>

namespace hasten {
namespace {

TEST(Team, EveryLaneRunsOnceARun) {
  for (size_t lanes : {1, 2, 3, 5}) {
    Team team(lanes);
    for (int run = 0; run < 50; ++run) {
      std::vector<int> seen(lanes);
      team.Run([&](const Lane& lane) { ++seen[lane.index()]; });
      EXPECT_EQ(std::accumulate(seen.begin(), seen.end(), 0), int(lanes));
    }
  }
}

TEST(Team, SyncPublishesWhatLanesWroteBefore) {
  Team team(3);
  std::vector<int> a(3), b(3);
  for (int run = 1; run <= 200; ++run) {
    team.Run([&](const Lane& lane) {
      a[lane.index()] = run;
      lane.Sync();
      b[lane.index()] = a[0] + a[1] + a[2];
    });
    EXPECT_EQ(b, std::vector<int>(3, 3 * run));
  }
}

TEST(Team, FewerLanesRunAndMeetWhileTheOthersSleep) {
  Team team(4);
  std::vector<size_t> seen(4), met(4);
  size_t runs = 0;
  for (const size_t lanes : {4, 2, 1, 3, 2, 4, 1, 4}) {
    team.UseLanes(lanes);
    EXPECT_EQ(team.lanes(), lanes);
    for (int run = 0; run < 20; ++run) {
      ++runs;
      std::ranges::fill(seen, 0);
      std::ranges::fill(met, 0);
      team.Run([&](const Lane& lane) {
        EXPECT_EQ(lane.count(), lanes);
        seen[lane.index()] = runs;
        lane.Sync();
        met[lane.index()] = size_t(std::ranges::count(seen, runs));
        lane.Sync();
      });
      for (size_t i = 0; i < 4; ++i) EXPECT_EQ(met[i], i < lanes ? lanes : 0);
    }
  }
  team.UseLanes(0);
  EXPECT_EQ(team.lanes(), 1u);
  team.UseLanes(99);
  EXPECT_EQ(team.lanes(), team.size());
}

// Nanoseconds that a thread of this process has run, as the kernel counts them; and whether it sleeps.
std::pair<uint64_t, bool> RunTime(pid_t thread) {
  const std::string folder = "/proc/self/task/" + std::to_string(thread);
  uint64_t ran = 0;
  std::ifstream(folder + "/schedstat") >> ran;
  std::string stat;
  std::getline(std::ifstream(folder + "/stat"), stat);
  const size_t name_end = stat.rfind(')');
  return {ran, name_end != std::string::npos && stat.substr(name_end).starts_with(") S")};
}

TEST(Team, IdleWorkersSleepAndUseNoProcessorTime) {
  Team team(3);
  std::vector<pid_t> threads(3);
  team.Run([&](const Lane& lane) { threads[lane.index()] = pid_t(syscall(SYS_gettid)); });
  for (size_t i = 1; i < threads.size(); ++i) {
    if (RunTime(threads[i]).first == 0) GTEST_SKIP() << "this system does not say how long a thread has run";
    for (int wait = 0; wait < 1000 && !RunTime(threads[i]).second; ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto before = RunTime(threads[i]);
    ASSERT_TRUE(before.second) << "lane " << i << " never came to rest";
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(RunTime(threads[i]), before) << "lane " << i;
  }
  std::atomic<bool> stop = false;  // the check's twin: a thread that does not rest is seen
  std::atomic<pid_t> restless = 0;
  std::jthread spinning([&] {
    restless = pid_t(syscall(SYS_gettid));
    while (!stop) {
    }
  });
  while (restless == 0) std::this_thread::yield();
  const auto before = RunTime(restless);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_NE(RunTime(restless), before);
  stop = true;
}

TEST(Lane, SharesCoverEverythingOnce) {
  for (size_t n : {0, 1, 7, 16, 33})
    for (size_t lanes : {1, 2, 3, 8})
      for (size_t grain : {1, 4, 16}) {
        size_t next = 0;
        for (size_t i = 0; i < lanes; ++i) {
          const Range r = Lane(i, lanes, nullptr).Share(n, grain);
          EXPECT_EQ(r.begin, next);
          EXPECT_TRUE(r.end == n || r.end % grain == 0);
          next = r.end;
        }
        EXPECT_EQ(next, n);
      }
}

}  // namespace
}  // namespace hasten
