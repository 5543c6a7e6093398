// What a model says about itself, which limits and memory plans are computed from, against counts by hand.
#include <gtest/gtest.h>

#include "tests/models/runner.h"
#include "tests/tiny/tiny.h"

namespace hasten {
namespace {

// Sizes of the tiny models: D 48, H 4, G 2, K 12, F 72, V 75, 4 layers, 5 experts of width 24.
constexpr size_t kAttention = 48 * (4 + 2 + 2) * 12 + 4 * 12 * 48;
constexpr size_t kDense = 3 * 48 * 72;
constexpr size_t kHead = 48 * 75;

ModelInfo InfoOf(const char* name) {
  const ModelBytes bytes = TinyModel(name).Build();
  return MustLoad(bytes.file)->info();
}

TEST(ModelInfo, OfADenseModel) {
  const ModelInfo info = InfoOf("llama");
  EXPECT_EQ(info.family, "llama");
  EXPECT_EQ(info.layers, 4u);
  EXPECT_EQ(info.kv_layers, 4u);
  EXPECT_EQ(info.kv_heads, 2u);
  EXPECT_EQ(info.head_width, 12u);
  EXPECT_EQ(info.vocab, 75u);
  EXPECT_EQ(info.trained_context, 512u);
  EXPECT_EQ(info.state_floats, 0u);
  EXPECT_EQ(info.mults_per_token, 4 * (kAttention + kDense) + kHead);
  EXPECT_EQ(info.head_mults, kHead);
  EXPECT_EQ(info.float_mults_per_token, info.mults_per_token);  // all of it float16
  EXPECT_TRUE(info.head_is_float);
  EXPECT_EQ(info.parameters, info.mults_per_token + kHead + 9 * 48);  // the token table, and the norms
  EXPECT_GE(info.weight_bytes, 2 * info.mults_per_token);             // float16
  EXPECT_GE(info.bytes_per_token, 2 * info.mults_per_token);
  EXPECT_LE(info.bytes_per_token, info.weight_bytes + 2 * 48);  // one row of the table
}

TEST(ModelInfo, OfATiedModelCountsTheTableOnce) {
  const ModelInfo tied = InfoOf("llama3-rope"), own = InfoOf("llama");
  EXPECT_EQ(tied.mults_per_token, own.mults_per_token);
  EXPECT_EQ(own.parameters - tied.parameters, kHead - 6);  // without the table, with 6 frequency factors
}

TEST(ModelInfo, OfAMixtureCountsTheExpertsThatWork) {
  const ModelInfo info = InfoOf("qwen3moe");
  constexpr size_t kExpert = 3 * 48 * 24, kRouter = 48 * 5;
  EXPECT_EQ(info.mults_per_token, 4 * (kAttention + kRouter + 2 * kExpert) + kHead);
  EXPECT_EQ(info.parameters, 4 * (kAttention + kRouter + 5 * kExpert) + 2 * kHead + 9 * 48 + 4 * 24);
  EXPECT_LT(info.bytes_per_token, info.weight_bytes);
}

TEST(ModelInfo, OfRecurrentModelsCountsStatesAndTheLayersWithKeys) {
  EXPECT_EQ(InfoOf("lfm2").kv_layers, 2u);
  EXPECT_EQ(InfoOf("lfm2").state_floats, 4u * 2 * 48);  // two inputs back in four layers
  EXPECT_EQ(InfoOf("qwen35").kv_layers, 2u);
  EXPECT_EQ(InfoOf("qwen35").state_floats, 2u * (3 * 96 + 4 * 12 * 12));
}

}  // namespace
}  // namespace hasten
