#include "engine/lane_tuner.h"

#include <gtest/gtest.h>

#include <map>

namespace hasten {
namespace {

// Seconds of a step by its lanes.
using Times = std::map<size_t, double>;

// Runs until lanes are chosen; returns them. `most_steps`: how many a trial may take.
size_t Chosen(LaneTuner& tuner, const Times& times, size_t rows, size_t most_steps = 100) {
  for (size_t step = 0; !tuner.Measured(rows); ++step) {
    EXPECT_LT(step, most_steps) << "it never ends";
    if (step == most_steps) break;
    tuner.Took(rows, times.at(tuner.Lanes(rows)));
  }
  return tuner.Lanes(rows);
}

TEST(LaneTuner, ChoosesWhatIsFastestAndOfEqualsTheFewest) {
  struct Case {
    const char* what;
    Times times;
    size_t chosen;
  };
  const Case cases[] = {
      {"every lane helps", {{8, 1}, {4, 2}, {2, 4}, {1, 8}}, 8},
      {"memory is full with four", {{8, 1}, {4, 1}, {2, 1.6}, {1, 3}}, 4},
      {"barriers are all that costs", {{8, 8}, {4, 4}, {2, 2}, {1, 1}}, 1},
      {"another process holds cores", {{8, 5}, {4, 1.2}, {2, 1.5}, {1, 3}}, 4},
      {"one per cent is no difference", {{8, 1}, {4, 1.01}, {2, 1.3}, {1, 3}}, 4},
  };
  for (const Case& c : cases) {
    LaneTuner tuner(8, true);
    EXPECT_EQ(Chosen(tuner, c.times, 1), c.chosen) << c.what;
  }
}

TEST(LaneTuner, ASlowStepAmongFastOnesDoesNotCount) {
  LaneTuner tuner(2, true);
  tuner.Took(1, 90);  // the first step of a process
  for (int i = 0; i < 3; ++i) tuner.Took(1, 1);
  EXPECT_EQ(tuner.Lanes(1), 1u);
  tuner.Took(1, 1.4);
  for (int i = 0; i < 3; ++i) tuner.Took(1, 0.9);
  EXPECT_TRUE(tuner.Measured(1));
  EXPECT_EQ(tuner.Lanes(1), 1u);
}

TEST(LaneTuner, ATrialWithoutHopeTakesOneStep) {
  LaneTuner tuner(2, true);
  EXPECT_EQ(Chosen(tuner, {{2, 1}, {1, 2}}, 1, 5), 2u);
}

TEST(LaneTuner, WidthsAreMeasuredEachForItself) {
  LaneTuner tuner(2, true);
  EXPECT_EQ(Chosen(tuner, {{2, 1}, {1, 0.5}}, 1), 1u);
  EXPECT_FALSE(tuner.Measured(64));
  EXPECT_EQ(Chosen(tuner, {{2, 1}, {1, 2}}, 64), 2u);
  EXPECT_EQ(tuner.Lanes(1), 1u);
}

TEST(LaneTuner, ManyRowsTryHalfOnly) {
  LaneTuner tuner(16, true);
  EXPECT_EQ(Chosen(tuner, {{16, 8}, {8, 4}}, 64), 8u);
}

TEST(LaneTuner, PromptsAreNotTriedOnButFollowWhatManyRowsChose) {
  LaneTuner tuner(16, true);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(tuner.Lanes(512), 16u);
    tuner.Took(512, 1);
  }
  EXPECT_EQ(Chosen(tuner, {{16, 8}, {8, 4}}, 64), 8u);
  EXPECT_EQ(tuner.Lanes(512), 8u);
}

TEST(LaneTuner, IsAskedAgainAfterAWhile) {
  LaneTuner tuner(2, true);
  EXPECT_EQ(Chosen(tuner, {{2, 1}, {1, 2}}, 1), 2u);
  for (size_t i = 0; i < LaneTuner::kAgain; ++i) tuner.Took(1, 1);
  EXPECT_FALSE(tuner.Measured(1));
  EXPECT_EQ(Chosen(tuner, {{2, 3}, {1, 2}}, 1), 1u);
}

TEST(LaneTuner, DoesNotMeasureWhatWasSaidOrHasNoChoice) {
  for (const auto& [lanes, measure] : {std::pair<size_t, bool>{8, false}, {1, true}}) {
    LaneTuner tuner(lanes, measure);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(tuner.Lanes(1), lanes);
      tuner.Took(1, 1);
    }
    EXPECT_FALSE(tuner.Measured(1));
  }
}

}  // namespace
}  // namespace hasten
