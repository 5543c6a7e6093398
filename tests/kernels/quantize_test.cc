#include "kernels/quantize/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/half.h"
#include "base/random.h"
#include "kernels/dequant/dequant.h"

namespace hasten {
namespace {

using Values = std::vector<float>;

// Bell-shaped, as weights are: the sum of twelve uniform numbers.
Values Weights(uint64_t seed, size_t count) {
  Values values(count);
  for (size_t i = 0; i < count; ++i) {
    double sum = -6;
    for (size_t j = 0; j < 12; ++j) sum += RandomUnit(seed, 12 * i + j);
    values[i] = float(0.02 * sum);
  }
  return values;
}

std::vector<uint8_t> Quantized(TensorType type, const Values& values) {
  const TensorTypeInfo& info = InfoOf(type);
  std::vector<uint8_t> blocks(values.size() / info.block_elements * info.block_bytes);
  Quantize(type, values.data(), values.size(), blocks.data());
  return blocks;
}

Values ThereAndBack(TensorType type, const Values& values) {
  Values back(values.size());
  Dequantize(type, Quantized(type, values).data(), values.size(), back.data());
  return back;
}

// Root mean square error over root mean square.
double RelativeError(const Values& got, const Values& expected) {
  double error = 0, size = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    error += std::pow(double(got[i]) - expected[i], 2);
    size += std::pow(double(expected[i]), 2);
  }
  return std::sqrt(error / size);
}

std::vector<TensorTypeInfo> Writable() {
  std::vector<TensorTypeInfo> types;
  for (const auto& info : TensorTypes())
    if (CanQuantize(info.type)) types.push_back(info);
  return types;
}
bool IsFloat(const TensorTypeInfo& info) { return info.block_elements == 1; }

// What the search reached when it was written, and 1 %: a change that loses accuracy is noticed.
struct Bound {
  TensorType type;
  double error;
};
constexpr Bound kBounds[] = {
    {TensorType::kF32, 1e-12},   {TensorType::kF16, 0.000207},  {TensorType::kBF16, 0.00165},  {TensorType::kQ4_0, 0.0794},
    {TensorType::kQ4_1, 0.0695}, {TensorType::kQ5_0, 0.0391},   {TensorType::kQ5_1, 0.0331},   {TensorType::kQ8_0, 0.00522},
    {TensorType::kQ2_K, 0.26},   {TensorType::kQ3_K, 0.143},    {TensorType::kQ4_K, 0.0695},   {TensorType::kQ5_K, 0.0341},
    {TensorType::kQ6_K, 0.0166}, {TensorType::kIQ4_NL, 0.0733}, {TensorType::kIQ4_XS, 0.0739}, {TensorType::kTQ1_0, 0.793},
    {TensorType::kTQ2_0, 0.793}, {TensorType::kMXFP4, 0.111},
};

TEST(Quantize, KeepsBellShapedWeights) {
  const Values weights = Weights(1, 64 * 256);
  for (const auto& [type, error] : kBounds)
    EXPECT_LT(RelativeError(ThereAndBack(type, weights), weights), 1.01 * error) << InfoOf(type).name;
  EXPECT_EQ(std::size(kBounds), Writable().size());
}

// The textbook way, the largest weight to -8 and no search, must not pass for ours.
TEST(Quantize, BoundsNoticeAQuantizerWithoutSearch) {
  Values weights = Weights(1, 64 * 256), plain(weights.size());
  for (size_t b = 0; b < weights.size(); b += 32) {
    float top = 0;
    for (size_t i = b; i < b + 32; ++i) top = std::abs(weights[i]) > std::abs(top) ? weights[i] : top;
    const float d = FloatFromHalf(HalfFromFloat(top / -8));
    for (size_t i = b; i < b + 32; ++i) plain[i] = d * std::clamp(std::round(weights[i] / d), -8.0f, 7.0f);
  }
  const double ours = RelativeError(ThereAndBack(TensorType::kQ4_0, weights), weights);
  EXPECT_GT(RelativeError(plain, weights), 1.04 * ours);
}

TEST(Quantize, BlocksDoNotDependOnTheirNeighbours) {
  const Values weights = Weights(2, 19 * 256);
  for (const auto& info : Writable()) {
    const std::vector<uint8_t> whole = Quantized(info.type, weights);
    std::vector<uint8_t> pieces;
    for (size_t i = 0, step = 1; i < weights.size(); i += step * 256, ++step) {
      const size_t count = std::min(step * 256, weights.size() - i);
      const auto piece = Quantized(info.type, {weights.begin() + long(i), weights.begin() + long(i + count)});
      pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(whole, pieces) << info.name;
  }
}

TEST(Quantize, ZerosStayZeros) {
  for (const float zero : {0.0f, -0.0f})
    for (const auto& info : Writable())
      for (const float v : ThereAndBack(info.type, Values(512, zero))) ASSERT_EQ(v, 0.0f) << info.name;
}

TEST(Quantize, ConstantBlocksAreKept) {
  for (const float c : {0.75f, -0.75f, 3.0f, -1e-2f, 1000.0f})
    for (const auto& info : Writable()) {
      const double error = RelativeError(ThereAndBack(info.type, Values(512, c)), Values(512, c));
      // A power of two as the scale misses by up to a sixth.
      EXPECT_LT(error, info.type == TensorType::kMXFP4 ? 0.18 : 0.01) << info.name << " " << c;
    }
}

TEST(Quantize, OneLargeWeightDoesNotWipeOutTheRest) {
  Values weights = Weights(3, 256);
  weights[100] = 1;
  for (const TensorType type : {TensorType::kQ4_K, TensorType::kQ5_K, TensorType::kQ6_K, TensorType::kQ8_0}) {
    const Values back = ThereAndBack(type, weights);
    EXPECT_NEAR(back[100], 1, 0.05) << InfoOf(type).name;
    EXPECT_LT(RelativeError({back.begin(), back.begin() + 64}, {weights.begin(), weights.begin() + 64}), 0.25)
        << InfoOf(type).name;
  }
}

// A run far from zero compared with its spread: types with a float16 minimum keep the spread.
TEST(Quantize, MinimumsCarryTheDistanceFromZero) {
  Values weights = Weights(4, 256);
  for (float& w : weights) w += 4;
  for (const TensorType type : {TensorType::kQ4_1, TensorType::kQ5_1}) {
    const Values back = ThereAndBack(type, weights);
    for (size_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(back[i], weights[i], 0.01) << InfoOf(type).name;
  }
}

TEST(Quantize, WhatIsAlreadyOnAGridOfEightBitsReturnsExactly) {
  Values weights(320);
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = 0.125f * float(int(RandomBits(5, i) % 255) - 127);
  for (size_t b = 0; b < weights.size(); b += 32) weights[b] = 0.125f * 127;
  EXPECT_EQ(ThereAndBack(TensorType::kQ8_0, weights), weights);
}

TEST(Quantize, TernaryWeightsReturnExactly) {
  Values weights(1024);
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = 0.0625f * float(int(RandomBits(6, i) % 3) - 1);
  EXPECT_EQ(ThereAndBack(TensorType::kTQ1_0, weights), weights);
  EXPECT_EQ(ThereAndBack(TensorType::kTQ2_0, weights), weights);
}

TEST(Quantize, AnyInputGivesFiniteWeights) {
  constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kOdd[] = {kInf, -kInf, kNan, 3e38f, -3e38f, 1e10f, 65504, 1e-38f, -1e-45f, 1e-8f, 0, 1};
  for (const auto& info : Writable()) {
    if (IsFloat(info)) continue;
    for (const float odd : kOdd) {
      Values all(512, odd), some = Weights(7, 512);
      for (size_t i = 3; i < 512; i += 37) some[i] = odd;
      for (const Values& values : {all, some})
        for (const float v : ThereAndBack(info.type, values)) ASSERT_TRUE(std::isfinite(v)) << info.name << " " << odd;
    }
    Values mixed(512);
    for (size_t i = 0; i < mixed.size(); ++i) mixed[i] = kOdd[RandomBits(8, i) % std::size(kOdd)];
    for (const float v : ThereAndBack(info.type, mixed)) ASSERT_TRUE(std::isfinite(v)) << info.name;
  }
}

TEST(Quantize, FloatTypesKeepWhatTheyCanExpress) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const Values values = {kInf, -kInf, 1e30f, 0x1p-24f, -2.5f};
  EXPECT_EQ(ThereAndBack(TensorType::kF32, values), values);
  EXPECT_EQ(ThereAndBack(TensorType::kF16, values), (Values{kInf, -kInf, kInf, 0x1p-24f, -2.5f}));
  EXPECT_NEAR(ThereAndBack(TensorType::kBF16, values)[2], 1e30f, 4e27f);
}

// The same bytes on every machine, whatever its vectors are.
TEST(Quantize, BytesAreTheSameEverywhere) {
  const Values weights = Weights(9, 32 * 256);
  struct Known {
    TensorType type;
    uint64_t hash;
  };
  for (const auto& [type, hash] : {
           Known{TensorType::kF32, 0x6bebb15b115dd267},
           Known{TensorType::kF16, 0x4fb0db7ae7f5ba1d},
           Known{TensorType::kBF16, 0x830080523a9840aa},
           Known{TensorType::kQ4_0, 0xc7992765a01b1045},
           Known{TensorType::kQ4_1, 0x8cd4276ed835d4d0},
           Known{TensorType::kQ5_0, 0xd24fe546d4c24d4c},
           Known{TensorType::kQ5_1, 0xacebd307f848367a},
           Known{TensorType::kQ8_0, 0xd4494819145444a8},
           Known{TensorType::kQ2_K, 0x01a421e498ea6217},
           Known{TensorType::kQ3_K, 0xbb9cb6809fbdfd89},
           Known{TensorType::kQ4_K, 0xeaa8df7cfef4b866},
           Known{TensorType::kQ5_K, 0x0946eb6a33ce231f},
           Known{TensorType::kQ6_K, 0x9488da6cf5fb80a2},
           Known{TensorType::kIQ4_NL, 0x7d05f37195646eba},
           Known{TensorType::kIQ4_XS, 0x95de97bcb1402c39},
           Known{TensorType::kTQ1_0, 0x46f470d8463e888e},
           Known{TensorType::kTQ2_0, 0x7746910e8db0c154},
           Known{TensorType::kMXFP4, 0x563f584f2ffddb46},
       }) {
    uint64_t got = 0xcbf29ce484222325;
    for (const uint8_t byte : Quantized(type, weights)) got = (got ^ byte) * 0x100000001b3;
    EXPECT_EQ(got, hash) << InfoOf(type).name << " " << std::hex << got;
  }
}

}  // namespace
}  // namespace hasten
