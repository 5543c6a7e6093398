// Rotation tables against the formulas of their papers, computed with the C library.
#include "models/rope.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hasten {
namespace {

RopeConfig Config(float base, size_t width) {
  RopeConfig c;
  c.base = base;
  c.width = width;
  c.original_context = 4096;
  return c;
}

TEST(MakeRope, PlainFrequenciesAreExact) {
  for (const float base : {1.5f, 10000.0f, 500000.0f, 1e7f, 1e15f})
    for (const size_t width : {2, 16, 64, 128, 250}) {
      const Rope rope = MakeRope(Config(base, width), Rope::Pairing::kHalves);
      ASSERT_EQ(rope.inverse_frequency.size(), width / 2);
      EXPECT_EQ(rope.scale, 1);
      for (size_t i = 0; i < width / 2; ++i) {
        const double expected = std::pow(double(base), -2 * double(i) / double(width));
        EXPECT_NEAR(rope.inverse_frequency[i] / expected, 1, 1e-7) << base << " " << width << " " << i;
      }
    }
}

TEST(MakeRope, FactorsDivideAndLinearScalingDividesAll) {
  RopeConfig c = Config(10000, 8);
  const Rope plain = MakeRope(c, Rope::Pairing::kHalves);
  const std::vector<float> factors = {1, 2, 4, 8};
  const Rope divided = MakeRope(c, Rope::Pairing::kHalves, factors);
  c.scaling = RopeConfig::Scaling::kLinear;
  c.factor = 4;
  const Rope linear = MakeRope(c, Rope::Pairing::kHalves);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_FLOAT_EQ(divided.inverse_frequency[i], plain.inverse_frequency[i] / factors[i]);
    EXPECT_FLOAT_EQ(linear.inverse_frequency[i], plain.inverse_frequency[i] / 4);
  }
}

// YaRN (arXiv 2309.00071), section 3.2 and 3.4: what turns more than beta_fast times stays, what turns less than beta_slow
// times is interpolated, between them in proportion; cos and sin grow by 0.1 ln factor + 1.
TEST(MakeRope, YarnKeepsFastPairsAndInterpolatesSlowOnes) {
  RopeConfig c = Config(10000, 128);
  const Rope plain = MakeRope(c, Rope::Pairing::kHalves);
  c.scaling = RopeConfig::Scaling::kYarn;
  c.factor = 16;
  const Rope yarn = MakeRope(c, Rope::Pairing::kHalves);
  EXPECT_NEAR(yarn.scale, 0.1 * std::log(16.0) + 1, 1e-6);
  double last = 1;
  for (size_t i = 0; i < 64; ++i) {
    const double turns = 4096 * double(plain.inverse_frequency[i]) / (2 * M_PI);
    const double ratio = yarn.inverse_frequency[i] / plain.inverse_frequency[i];
    if (turns > 1.3 * 32) {
      EXPECT_FLOAT_EQ(float(ratio), 1) << i;
    }
    if (turns < 1 / 1.3) {
      EXPECT_FLOAT_EQ(float(ratio), 1 / 16.0f) << i;
    }
    EXPECT_LE(ratio, last * (1 + 1e-6)) << i;
    last = ratio;
  }
}

TEST(MakeRope, AttentionFactorMultipliesAndLogMultiplierDivides) {
  RopeConfig c = Config(10000, 64);
  c.attention_factor = 1.19f;
  EXPECT_FLOAT_EQ(MakeRope(c, Rope::Pairing::kHalves).scale, 1.19f);
  c.scaling = RopeConfig::Scaling::kYarn;
  c.factor = 40;
  c.log_multiplier = 1;
  EXPECT_FLOAT_EQ(MakeRope(c, Rope::Pairing::kHalves).scale, 1.19f);
}

}  // namespace
}  // namespace hasten
