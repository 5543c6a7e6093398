#include "convert/mix.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hasten {
namespace {

struct Tensors {
  std::vector<std::string> names;
  std::vector<std::vector<uint64_t>> dims;
  void Add(const std::string& name, std::vector<uint64_t> shape) {
    names.push_back(name);
    dims.push_back(std::move(shape));
  }
  std::vector<TensorType> Types(const char* mix, const MixModel& model, bool pure = false) const {
    std::vector<MixTensor> tensors;
    for (size_t i = 0; i < names.size(); ++i) tensors.push_back({names[i], dims[i], TensorType::kF32});
    return ChooseTypes(*FindMix(mix), pure, model, tensors);
  }
};

// Names of a llama's tensors, the layers in descending order: the choice must not depend on the order in the file.
Tensors Llama(int layers, uint64_t width, bool tied) {
  Tensors t;
  t.Add("token_embd.weight", {width, 512});
  t.Add("output_norm.weight", {width});
  if (!tied) t.Add("output.weight", {width, 512});
  for (int l = layers - 1; l >= 0; --l) {
    const std::string blk = "blk." + std::to_string(l) + ".";
    for (const char* norm : {"attn_norm.weight", "ffn_norm.weight"}) t.Add(blk + norm, {width});
    for (const char* w : {"attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_output.weight"})
      t.Add(blk + w, {width, 256});
    for (const char* w : {"ffn_gate.weight", "ffn_up.weight"}) t.Add(blk + w, {width, 512});
    t.Add(blk + "ffn_down.weight", {512, width});
  }
  return t;
}

// The types of the tensors "blk.N.<what>" for ascending N, one digit of their bits each: "6644".
std::string Bits(const Tensors& t, const std::vector<TensorType>& types, int layers, const std::string& what) {
  std::string bits;
  for (int l = 0; l < layers; ++l)
    for (size_t i = 0; i < t.names.size(); ++i)
      if (t.names[i] == "blk." + std::to_string(l) + "." + what) bits += InfoOf(types[i]).name[1];
  return bits;
}

TensorType TypeOf(const Tensors& t, const std::vector<TensorType>& types, const std::string& name) {
  for (size_t i = 0; i < t.names.size(); ++i)
    if (t.names[i] == name) return types[i];
  ADD_FAILURE() << "no tensor " << name;
  return TensorType::kF32;
}

// Expectations are what llama.cpp's llama_model_quantize wrote for a file of these tensors.
TEST(Mix, GivesMoreBitsWhereLlamaQuantizeDoes) {
  struct Case {
    const char *mix, *value, *down, *query, *output;
  };
  constexpr Case kCases[] = {
      {"Q4_0", "4444444444444444", "4444444444444444", "4444444444444444", "4444444444444444"},
      {"Q4_K_S", "5555444444444444", "5544444444444444", "4444444444444444", "4444444444444444"},
      {"Q4_K_M", "6644644644644666", "6644644644644666", "4444444444444444", "4444444444444444"},
      {"Q5_K_S", "5555555555555555", "5555555555555555", "5555555555555555", "5555555555555555"},
      {"Q5_K_M", "6655655655655666", "6655655655655666", "5555555555555555", "5555555555555555"},
      {"Q6_K", "6666666666666666", "6666666666666666", "6666666666666666", "6666666666666666"},
      {"Q3_K_M", "5544444444444444", "5444444444444444", "3333333333333333", "4444444444444444"},
      {"Q3_K_L", "5555555555555555", "5555555555555555", "3333333333333333", "5555555555555555"},
      {"Q2_K", "3333333333333333", "3333333333333333", "2222222222222222", "3333333333333333"},
  };
  const Tensors t = Llama(16, 512, true);
  for (const Case& c : kCases) {
    const auto types = t.Types(c.mix, {"llama", 16, 4, 2, 0});
    EXPECT_EQ(Bits(t, types, 16, "attn_v.weight"), c.value) << c.mix;
    EXPECT_EQ(Bits(t, types, 16, "ffn_down.weight"), c.down) << c.mix;
    EXPECT_EQ(Bits(t, types, 16, "attn_q.weight"), c.query) << c.mix;
    EXPECT_EQ(Bits(t, types, 16, "attn_output.weight"), c.output) << c.mix;
    EXPECT_EQ(TypeOf(t, types, "blk.3.attn_norm.weight"), TensorType::kF32);
  }
}

TEST(Mix, OutputMatrixGetsSixBitsTiedOrNot) {
  const Tensors tied = Llama(2, 512, true), untied = Llama(2, 512, false);
  const MixModel model{"llama", 2, 4, 2, 0};
  EXPECT_EQ(TypeOf(tied, tied.Types("Q4_0", model), "token_embd.weight"), TensorType::kQ6_K);
  EXPECT_EQ(TypeOf(untied, untied.Types("Q4_0", model), "token_embd.weight"), TensorType::kQ4_0);
  EXPECT_EQ(TypeOf(untied, untied.Types("Q4_0", model), "output.weight"), TensorType::kQ6_K);
  EXPECT_EQ(TypeOf(untied, untied.Types("Q8_0", model), "output.weight"), TensorType::kQ8_0);
  EXPECT_EQ(TypeOf(untied, untied.Types("F16", model), "output.weight"), TensorType::kF16);
}

TEST(Mix, PureGivesEveryMatrixOneType) {
  const Tensors t = Llama(4, 512, true);
  const auto types = t.Types("Q4_K_M", {"llama", 4, 4, 2, 0}, true);
  for (size_t i = 0; i < types.size(); ++i)
    EXPECT_EQ(types[i], t.dims[i].size() > 1 ? TensorType::kQ4_K : TensorType::kF32) << t.names[i];
}

TEST(Mix, OddColumnsGetATypeThatFits) {
  const MixModel model{"llama", 1, 4, 2, 0};
  struct Case {
    const char* mix;
    uint64_t columns;
    TensorType query, tokens;
  };
  for (const Case& c :
       {Case{"Q4_K_S", 576, TensorType::kQ5_0, TensorType::kQ8_0},  // smollm2-135m
        Case{"Q5_K_S", 576, TensorType::kQ5_1, TensorType::kQ8_0}, Case{"Q6_K", 576, TensorType::kQ8_0, TensorType::kQ8_0},
        Case{"Q4_0", 576, TensorType::kQ4_0, TensorType::kQ8_0}, Case{"Q3_K_S", 576, TensorType::kQ4_0, TensorType::kQ8_0},
        Case{"IQ4_XS", 576, TensorType::kIQ4_NL, TensorType::kQ8_0}, Case{"Q4_0", 100, TensorType::kF16, TensorType::kF16}}) {
    const Tensors t = Llama(1, c.columns, true);
    const auto types = t.Types(c.mix, model);
    EXPECT_EQ(TypeOf(t, types, "blk.0.attn_q.weight"), c.query) << c.mix << " " << c.columns;
    EXPECT_EQ(TypeOf(t, types, "token_embd.weight"), c.tokens) << c.mix << " " << c.columns;
  }
}

TEST(Mix, SmallMatricesThatDecideMuchAreKept) {
  Tensors t;
  for (const char* name : {"blk.0.ffn_gate_inp.weight", "blk.0.shortconv.conv.weight", "blk.0.ssm_conv1d.weight",
                           "blk.0.attn_q_norm.weight", "blk.0.attn_q.bias", "blk.0.ssm_a"})
    t.Add(name, {256, 8});
  t.Add("blk.0.attn_q.weight", {256, 1, 1});  // a vector, whatever the count of its dimensions
  for (const TensorType type : t.Types("Q4_K_M", {"qwen35moe", 1, 4, 2, 16})) EXPECT_EQ(type, TensorType::kF32);
}

TEST(Mix, EightExpertsKeepKeysAndValuesAtEightBits) {
  Tensors t = Llama(2, 512, false);
  t.Add("blk.1.ffn_down_exps.weight", {512, 512, 8});
  const auto types = t.Types("Q4_K_M", {"llama", 2, 4, 2, 8});
  EXPECT_EQ(Bits(t, types, 2, "attn_v.weight"), "88");
  EXPECT_EQ(Bits(t, types, 2, "attn_k.weight"), "88");
  EXPECT_EQ(Bits(t, types, 2, "attn_output.weight"), "55");
  EXPECT_EQ(TypeOf(t, types, "blk.1.ffn_down_exps.weight"), TensorType::kQ6_K);
  const auto mxfp4 = t.Types("MXFP4_MOE", {"gpt-oss", 2, 4, 2, 8});
  EXPECT_EQ(TypeOf(t, mxfp4, "blk.1.ffn_down_exps.weight"), TensorType::kMXFP4);
  EXPECT_EQ(TypeOf(t, mxfp4, "blk.1.attn_q.weight"), TensorType::kQ8_0);
}

TEST(Mix, IsFoundInAnyCaseAndByItsShortName) {
  EXPECT_EQ(FindMix("q4_k_m"), FindMix("Q4_K"));
  EXPECT_EQ(FindMix("bf16")->base, TensorType::kBF16);
  EXPECT_EQ(FindMix("Q9_0"), nullptr);
  EXPECT_EQ(FindMix(""), nullptr);
}

}  // namespace
}  // namespace hasten
