#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hasten {
namespace {

TEST(Half, EveryValueSurvivesARoundTrip) {
  for (uint32_t h = 0; h < 0x10000; ++h) {
    const float f = FloatFromHalf(uint16_t(h));
    if (std::isnan(f)) {
      EXPECT_TRUE(std::isnan(FloatFromHalf(HalfFromFloat(f))));
    } else {
      EXPECT_EQ(HalfFromFloat(f), h) << f;
    }
  }
}

TEST(Half, RoundsToNearestTiesToEven) {
  EXPECT_EQ(HalfFromFloat(1.0f + 0x1p-11f), 0x3c00);             // tie, down to even
  EXPECT_EQ(HalfFromFloat(1.0f + 3 * 0x1p-11f), 0x3c02);         // tie, up to even
  EXPECT_EQ(HalfFromFloat(1.0f + 0x1p-11f + 0x1p-20f), 0x3c01);  // above the tie
  EXPECT_EQ(HalfFromFloat(65504.0f), 0x7bff);
  EXPECT_EQ(HalfFromFloat(65519.9f), 0x7bff);
  EXPECT_EQ(HalfFromFloat(65520.0f), 0x7c00);
  EXPECT_EQ(HalfFromFloat(0x1p-25f), 0x0000);  // tie between 0 and the least subnormal
  EXPECT_EQ(HalfFromFloat(0x1.8p-25f), 0x0001);
  EXPECT_EQ(HalfFromFloat(-0x1p-24f), 0x8001);
  EXPECT_EQ(HalfFromFloat(0x1.ffcp-15f + 0x1p-26f), 0x0400);  // rounds up into the normals
}

TEST(Bf16, RoundsToNearestTiesToEven) {
  EXPECT_EQ(Bf16FromFloat(1.0f), 0x3f80);
  EXPECT_EQ(Bf16FromFloat(1.0f + 0x1p-8f), 0x3f80);
  EXPECT_EQ(Bf16FromFloat(1.0f + 3 * 0x1p-8f), 0x3f82);
  EXPECT_TRUE(std::isnan(FloatFromBf16(Bf16FromFloat(NAN))));
}

TEST(E8m0, IsAPowerOfTwo) {
  EXPECT_EQ(FloatFromE8m0(127), 1.0f);
  EXPECT_EQ(FloatFromE8m0(0), 0x1p-127f);
  EXPECT_EQ(FloatFromE8m0(254), 0x1p127f);
}

}  // namespace
}  // namespace hasten
