#include "base/threads.h"

#include <gtest/gtest.h>

#include <numeric>

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
