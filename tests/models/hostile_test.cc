// Files that lie about their model: every one ends in a sentence that names the key or the tensor, none in a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/conv/short_conv.h"
#include "tests/models/runner.h"
#include "tests/tiny/tiny.h"

namespace hasten {
namespace {

using ::testing::HasSubstr;

Result<std::unique_ptr<Model>> Load(const ModelBytes& bytes) {
  Team team(1);
  return LoadModel(bytes.file, team);
}

Error ErrorOf(const ModelEdit& edit) {
  const ModelBytes bytes = edit.Build();
  const auto model = Load(bytes);
  return model ? Error{Code::kBug, "the model loaded"} : model.error();
}

// What loads must also run.
void LoadAndMaybeRun(const ModelEdit& edit) {
  const ModelBytes bytes = edit.Build();
  const auto model = Load(bytes);
  if (!model) {
    EXPECT_NE(model.error().code, Code::kBug) << model.error().what;
    EXPECT_NE(model.error().what, "");
    return;
  }
  Runner runner(**model, {.max_rows = 4, .blocks = 4, .bidirectional = (*model)->info().bidirectional});
  runner.Whole({1, 2, 3});
}

TEST(HostileModel, UnknownFamilyIsNamedAndTheKnownListed) {
  ModelEdit edit = TinyModel("llama");
  edit.Rename("mamba\n");
  const Error error = ErrorOf(edit);
  EXPECT_EQ(error.code, Code::kUnsupported);
  EXPECT_THAT(error.what, HasSubstr("'mamba\\x0a'"));
  for (const char* known : {"llama", "qwen35moe", "gpt-oss", "llada-moe", "lfm2"}) EXPECT_THAT(error.what, HasSubstr(known));
}

TEST(HostileModel, UnknownTensorTypeIsNamedAndTheKnownListed) {
  ModelBytes bytes = TinyModel("llama").Build();
  std::string changed = *bytes.bytes;
  const std::string name = "blk.1.ffn_up.weight";
  const size_t type_at = changed.find(name) + name.size() + 4 + 2 * 8;
  changed[type_at] = 99;
  auto file = Gguf::Parse(std::as_bytes(std::span(changed)), "changed", {.keep_unknown_types = true});
  ASSERT_TRUE(file) << file.error().what;
  Team team(1);
  const auto model = LoadModel(*file, team);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, Code::kUnsupported);
  for (const std::string& part : {name, std::string("99"), std::string("Q4_K"), std::string("MXFP4")})
    EXPECT_THAT(model.error().what, HasSubstr(part));
}

TEST(HostileModel, MissingKeysAreNamed) {
  for (const char* key : {"block_count", "embedding_length", "context_length", "attention.head_count",
                          "attention.layer_norm_rms_epsilon", "feed_forward_length"}) {
    ModelEdit edit = TinyModel("llama");
    edit.Remove(key);
    const Error error = ErrorOf(edit);
    EXPECT_EQ(error.code, Code::kCorrupt) << key;
    EXPECT_THAT(error.what, HasSubstr(std::string("llama.") + key));
  }
}

TEST(HostileModel, ValuesOutOfRangeAreNamed) {
  struct Case {
    const char* model;
    const char* key;
    void (*set)(ModelEdit&, const char*);
  };
  constexpr auto zero = [](ModelEdit& m, const char* key) { m.Set<uint32_t>(key, 0); };
  constexpr auto huge = [](ModelEdit& m, const char* key) { m.Set<uint64_t>(key, std::numeric_limits<uint64_t>::max()); };
  constexpr auto beyond = [](ModelEdit& m, const char* key) { m.Set<uint64_t>(key, kMaxConvTaps + 1); };
  constexpr auto nan = [](ModelEdit& m, const char* key) { m.Set<float>(key, std::numeric_limits<float>::quiet_NaN()); };
  constexpr auto text = [](ModelEdit& m, const char* key) { m.SetText(key, "many"); };
  for (const Case& c : std::initializer_list<Case>{{"llama", "block_count", zero},
                                                   {"llama", "block_count", huge},
                                                   {"llama", "embedding_length", zero},
                                                   {"llama", "embedding_length", text},
                                                   {"llama", "attention.head_count", zero},
                                                   {"llama", "attention.head_count", huge},
                                                   {"llama", "attention.head_count_kv", zero},
                                                   {"llama", "attention.head_count_kv", huge},
                                                   {"llama", "attention.key_length", zero},
                                                   {"llama", "rope.dimension_count", huge},
                                                   {"llama", "rope.freq_base", zero},
                                                   {"llama", "rope.freq_base", nan},
                                                   {"llama", "rope.scaling.factor", nan},
                                                   {"llama", "attention.layer_norm_rms_epsilon", nan},
                                                   {"llama", "context_length", huge},
                                                   {"mixtral", "expert_used_count", zero},
                                                   {"mixtral", "expert_used_count", huge},
                                                   {"mixtral", "expert_count", huge},
                                                   {"granite", "logit_scale", zero},
                                                   {"lfm2", "shortconv.l_cache", zero},
                                                   {"lfm2", "shortconv.l_cache", huge},
                                                   {"lfm2", "shortconv.l_cache", beyond},
                                                   {"qwen35", "ssm.state_size", huge},
                                                   {"qwen35", "ssm.group_count", zero},
                                                   {"qwen35", "ssm.conv_kernel", zero},
                                                   {"qwen35", "ssm.conv_kernel", beyond},
                                                   {"qwen35", "full_attention_interval", zero}}) {
    ModelEdit edit = TinyModel(c.model);
    c.set(edit, c.key);
    const Error error = ErrorOf(edit);
    EXPECT_EQ(error.code, Code::kCorrupt) << c.key << ": " << error.what;
    EXPECT_THAT(error.what, HasSubstr(edit.family() + "." + c.key));
  }
}

TEST(HostileModel, UnknownScalingAndBadFactorsAreNamed) {
  ModelEdit scaling = TinyModel("llama");
  scaling.SetText("rope.scaling.type", "spiral");
  EXPECT_EQ(ErrorOf(scaling).code, Code::kUnsupported);
  EXPECT_THAT(ErrorOf(scaling).what, HasSubstr("spiral"));
  for (const float bad : {0.0f, -1.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    ModelEdit factors = TinyModel("llama3-rope");
    factors.Fill("rope_freqs.weight", bad);
    EXPECT_EQ(ErrorOf(factors).code, Code::kCorrupt);
    EXPECT_THAT(ErrorOf(factors).what, HasSubstr("rope_freqs.weight"));
  }
}

TEST(HostileModel, ListsShorterThanTheLayersAreNamed) {
  ModelEdit heads = TinyModel("lfm2");
  heads.SetList("attention.head_count_kv", {0, 0, 2});
  EXPECT_THAT(ErrorOf(heads).what, HasSubstr("lfm2.attention.head_count_kv"));
  heads.SetList("attention.head_count_kv", {0, 0, 0, 0, 0, 0});
  EXPECT_EQ(ErrorOf(heads).code, Code::kUnsupported);
  heads.SetList("attention.head_count_kv", {0, 0, 2, 0, 4, 0});
  EXPECT_EQ(ErrorOf(heads).code, Code::kUnsupported);
  ModelEdit windows = TinyModel("gemma2");
  windows.SetList("attention.sliding_window_pattern", {1, 0});
  EXPECT_THAT(ErrorOf(windows).what, HasSubstr("gemma2.attention.sliding_window_pattern"));
}

// Tensors that published files of these families may lack.
bool IsOptional(const std::string& name) {
  for (const char* ending :
       {"output.weight", ".bias", "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"})
    if (name == ending || (ending[0] == '.' && name.ends_with(ending))) return name != "blk.0.ssm_dt.bias";
  return false;
}

class HostileFamily : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileFamily, MissingTensorsAreNamed) {
  const ModelBytes whole = TinyModel(GetParam()).Build();
  for (const GgufTensor& tensor : whole.file.tensors()) {
    const std::string name(tensor.name);
    if (IsOptional(name) || (name.starts_with("blk.") && !name.starts_with("blk.0.") && !name.starts_with("blk.2."))) continue;
    ModelEdit edit = TinyModel(GetParam());
    edit.RemoveTensors(name);
    const Error error = ErrorOf(edit);
    EXPECT_EQ(error.code, Code::kCorrupt) << name << ": " << error.what;
    const bool fused = name.ends_with("attn_qkv.weight");  // without it three tensors are looked for
    EXPECT_THAT(error.what, HasSubstr(fused ? "attn_q" : name));
  }
}

TEST_P(HostileFamily, OtherShapesAreNamed) {
  const ModelBytes whole = TinyModel(GetParam()).Build();
  for (const GgufTensor& tensor : whole.file.tensors()) {
    const std::string name(tensor.name);
    if (name.starts_with("blk.") && !name.starts_with("blk.0.") && !name.starts_with("blk.2.")) continue;
    if (name == "rope_factors_short.weight") continue;  // the long ones are read
    ModelEdit edit = TinyModel(GetParam());
    ModelEdit::Tensor& t = *edit.Find(name);
    t.dims.front() *= 2;
    t.data += t.data;
    const Error error = ErrorOf(edit);
    EXPECT_EQ(error.code, Code::kCorrupt) << name << ": " << error.what;
    EXPECT_THAT(error.what, HasSubstr(name));
  }
}

// Not one sentence for each, but never a crash: sanitisers watch.
TEST_P(HostileFamily, AnyNumberInAnyKeyLoadsOrRefuses) {
  for (const char* key : {"block_count",
                          "context_length",
                          "embedding_length",
                          "feed_forward_length",
                          "attention.head_count",
                          "attention.head_count_kv",
                          "attention.key_length",
                          "attention.value_length",
                          "rope.dimension_count",
                          "rope.scaling.factor",
                          "rope.scaling.original_context_length",
                          "attention.sliding_window",
                          "attention.sliding_window_pattern",
                          "expert_count",
                          "expert_used_count",
                          "expert_feed_forward_length",
                          "expert_shared_feed_forward_length",
                          "leading_dense_block_count",
                          "expert_gating_func",
                          "shortconv.l_cache",
                          "ssm.conv_kernel",
                          "ssm.inner_size",
                          "ssm.state_size",
                          "ssm.time_step_rank",
                          "ssm.group_count",
                          "full_attention_interval",
                          "nextn_predict_layers",
                          "rope.dimension_sections",
                          "attention.recurrent_layers",
                          "attn_logit_softcapping",
                          "final_logit_softcapping",
                          "attention.scale"})
    for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{3}, uint64_t{1} << 20, uint64_t{1} << 32, ~uint64_t{0}}) {
      ModelEdit edit = TinyModel(GetParam());
      edit.Set<uint64_t>(key, value);
      LoadAndMaybeRun(edit);
    }
}

std::string NameOf(const ::testing::TestParamInfo<const char*>& model) {
  std::string name = model.param;
  std::erase(name, '-');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Models, HostileFamily,
                         ::testing::Values("llama", "qwen2", "qwen3moe", "qwen35moe", "gemma3", "phi3-longrope", "gpt-oss",
                                           "lfm2moe", "llada"),
                         NameOf);

}  // namespace
}  // namespace hasten
