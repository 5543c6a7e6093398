#include "engine/floor.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hasten {
namespace {

// 1000 int8 multiply-adds a token, 200 of them the head's; a byte of weights for each; two heads of two in one layer.
ModelInfo SomeModel() {
  ModelInfo m;
  m.kv_layers = 1;
  m.heads = m.kv_heads = 2;
  m.head_width = 2;
  m.mults_per_token = m.bytes_per_token = 1000;
  m.head_mults = m.head_bytes = 200;
  return m;
}

constexpr MachineLimits kMachine = {.threads = 1,
                                    .memory_bytes = 0,
                                    .cache_bytes = 0,
                                    .int8_multiply_adds = 4000,
                                    .float_multiply_adds = 1000,
                                    .bf16_multiply_adds = 0};
constexpr double kRead = 1000;  // bytes a second

TEST(Floor, FewRowsCostTheReadingManyTheMultiplying) {
  const PassWork one = {.rows = 1, .logit_rows = 1}, many = {.rows = 100, .logit_rows = 100};
  EXPECT_DOUBLE_EQ(FloorSeconds(SomeModel(), kMachine, kRead, one), 1.0);
  EXPECT_DOUBLE_EQ(FloorSeconds(SomeModel(), kMachine, kRead, many), 100 * 1000 / 4000.0);
}

TEST(Floor, RowsWithoutLogitsLeaveTheHeadOut) {
  EXPECT_DOUBLE_EQ(FloorSeconds(SomeModel(), kMachine, kRead, {.rows = 1}), 0.8);
  EXPECT_DOUBLE_EQ(FloorSeconds(SomeModel(), kMachine, kRead, {.rows = 100, .logit_rows = 1}), 100 * 800 / 4000.0 + 0.2);
}

TEST(Floor, FloatWeightsMultiplyAtTheFloatPeak) {
  ModelInfo m = SomeModel();
  m.float_mults_per_token = 1000;
  m.head_is_float = true;
  EXPECT_DOUBLE_EQ(FloorSeconds(m, kMachine, kRead, {.rows = 100, .logit_rows = 100}), 100.0);
}

TEST(Floor, AttentionCostsItsProductsAndTheKeysAndValues) {
  // 50 attended positions: 50 * 2 products * 4 numbers; 10 positions: 10 * (4 keys + 4 values) * 2 bytes.
  EXPECT_DOUBLE_EQ(FloorSeconds(SomeModel(), kMachine, kRead, {.attended = 50, .kv_positions = 10}), 0.4 + 0.16);
}

TEST(Floor, KeysAndValuesInFixedPointAreReadWithTheirScalesAndMultipliedAtHalfTheInt8Peak) {
  // 10 positions of two heads: (4 + 4 numbers) and 4 scales.
  const auto floor = [](KvType type) {
    return FloorSeconds(SomeModel(), kMachine, kRead, {.attended = 50, .kv_positions = 10, .kv_type = type});
  };
  EXPECT_DOUBLE_EQ(floor(KvType::kI16), 0.2 + 0.16 + 0.16);
  EXPECT_DOUBLE_EQ(floor(KvType::kI8), 0.2 + 0.08 + 0.16);
  EXPECT_DOUBLE_EQ(floor(KvType::kF32), 0.4 + 0.32);
}

TEST(Floor, WorkOfStepsIsCountedPositionByPosition) {
  const PassWork decode = DecodeWork(8, 512, 3);
  EXPECT_EQ(decode.rows, 8);
  EXPECT_EQ(decode.attended, 8 * 516);
  EXPECT_EQ(decode.kv_positions, 512 + 8 * 4);  // the prefix once for all
  double attended = 0;
  for (size_t position = 100; position < 164; ++position) attended += double(position + 1);
  const PassWork prefill = PrefillWork(100, 164, 200);
  EXPECT_EQ(prefill.attended, attended);
  EXPECT_EQ(prefill.logit_rows, 0);
  EXPECT_EQ(PrefillWork(164, 200, 200).logit_rows, 1);
  EXPECT_EQ(WorkingSetBytes(SomeModel(), {.rows = 1, .logit_rows = 1, .kv_positions = 10}), 1160u);
}

TEST(Floor, WindowsLimitWhatTheirLayersSee) {
  const PassWork decode = DecodeWork(8, 512, 3, 100);
  EXPECT_EQ(decode.window_attended, 8 * 100);
  EXPECT_EQ(decode.window_kv_positions, 96 + 8 * 4);  // the window's part of the prefix once for all
  EXPECT_EQ(DecodeWork(8, 512, 3, 2).window_kv_positions, 8 * 2);
  EXPECT_EQ(DecodeWork(8, 512, 3).window_attended, decode.attended);
  double seen = 0;
  for (size_t position = 100; position < 164; ++position) seen += double(std::min<size_t>(position + 1, 120));
  const PassWork prefill = PrefillWork(100, 164, 200, 120);
  EXPECT_EQ(prefill.window_attended, seen);
  EXPECT_EQ(prefill.window_kv_positions, 164);  // the first row sees all of them
  EXPECT_EQ(PrefillWork(150, 164, 200, 20).window_kv_positions, 14 + 19);
  ModelInfo m = SomeModel();
  m.kv_layers = 4;
  m.window = 100;
  m.window_layers = 3;
  const PassWork work = {.attended = 1000, .kv_positions = 0, .window_attended = 100, .window_kv_positions = 0};
  EXPECT_DOUBLE_EQ(FloorSeconds(m, kMachine, kRead, work), (1000 + 3 * 100) * 8 / 1000.0);
}

TEST(Floor, RowsShareTheExpertsTheyAreExpectedToChoose) {
  ModelInfo m = SomeModel();
  m.experts = 4;
  m.experts_used = 1;
  m.expert_bytes = 400;  // of the 800 of the layers
  EXPECT_EQ(WorkingSetBytes(m, {.rows = 1}), 800u);
  EXPECT_EQ(WorkingSetBytes(m, {.rows = 2}), 400u + 700u);  // the second row meets the first one's expert in a quarter of cases
  EXPECT_EQ(WorkingSetBytes(m, {.rows = 1000}), 400u + 4 * 400u);
}

TEST(Machine, MeasuresSomethingPlausible) {
  Team team(2);
  EXPECT_GT(MeasureRead(team, 1 << 20, 0.01), 1e6);
  const MachineLimits peaks = MeasurePeaks(team, 0.01);
  EXPECT_EQ(peaks.threads, 2u);
  EXPECT_GT(peaks.int8_multiply_adds, 1e6);
  EXPECT_GT(peaks.float_multiply_adds, 1e6);
}

}  // namespace
}  // namespace hasten
