#include "tests/tiny/tiny.h"

#include <cmath>

#include "base/random.h"

namespace hasten {
namespace {

constexpr const char* kNames[] = {"dream",       "gemma2",  "gemma3",    "gpt-oss",       "granite",      "lfm2",
                                  "lfm2moe",     "llada",   "llada-moe", "llama",         "llama-linear", "llama-yarn",
                                  "llama3-rope", "mixtral", "phi3",      "phi3-longrope", "qwen2",        "qwen3",
                                  "qwen3moe",    "qwen35",  "qwen35moe", "smollm3"};

// Odd multiples where the formats allow: nothing is a multiple of 32.
constexpr uint32_t kWidth = 48, kHeads = 4, kKvHeads = 2, kFfn = 72, kVocab = 75, kExperts = 5, kExpertFfn = 24;

class Builder {
 public:
  Builder(const std::string& family, uint32_t layers, uint32_t head_width) : edit_(family), layers_(layers), k_(head_width) {
    edit_.Set<uint32_t>("context_length", 512);
    edit_.Set<uint32_t>("embedding_length", kWidth);
    edit_.Set<uint32_t>("block_count", layers);
    edit_.Set<uint32_t>("feed_forward_length", kFfn);
    edit_.Set<uint32_t>("attention.head_count", kHeads);
    edit_.Set<uint32_t>("attention.head_count_kv", kKvHeads);
    edit_.Set<uint32_t>("attention.key_length", head_width);
    edit_.Set<uint32_t>("attention.value_length", head_width);
    edit_.Set<uint32_t>("rope.dimension_count", head_width);
    edit_.Set<float>("attention.layer_norm_rms_epsilon", 1e-5f);
    edit_.Set<float>("rope.freq_base", 1000);
    Matrix("token_embd.weight", {kWidth, kVocab});
    Norm("output_norm.weight", kWidth);
  }

  void Matrix(const std::string& name, std::vector<uint64_t> dims) {
    edit_.Add(name, dims, Random(dims, 2 / std::sqrt(float(dims[0])), 0), TensorType::kF16);
  }
  void Norm(const std::string& name, uint64_t n) { edit_.Add(name, {n}, Random({n}, 0.5f, 1)); }
  void Bias(const std::string& name, std::vector<uint64_t> dims) { edit_.Add(name, dims, Random(dims, 0.7f, 0)); }

  void Attention(uint32_t l, bool bias, bool qk_norm) {
    const std::string b = Block(l);
    Norm(b + "attn_norm.weight", kWidth);
    for (const auto& [part, heads] : {std::pair{"attn_q", kHeads}, {"attn_k", kKvHeads}, {"attn_v", kKvHeads}}) {
      Matrix(b + part + ".weight", {kWidth, heads * k_});
      if (bias) Bias(b + part + ".bias", {heads * k_});
    }
    Matrix(b + "attn_output.weight", {kHeads * k_, kWidth});
    if (!qk_norm) return;
    Norm(b + "attn_q_norm.weight", k_);
    Norm(b + "attn_k_norm.weight", k_);
  }
  void Dense(uint32_t l) {
    const std::string b = Block(l);
    Matrix(b + "ffn_gate.weight", {kWidth, kFfn});
    Matrix(b + "ffn_up.weight", {kWidth, kFfn});
    Matrix(b + "ffn_down.weight", {kFfn, kWidth});
  }
  void CountExperts(uint32_t ffn = kExpertFfn) {
    edit_.Set<uint32_t>("expert_count", kExperts);
    edit_.Set<uint32_t>("expert_used_count", 2);
    if (ffn != kFfn) edit_.Set<uint32_t>("expert_feed_forward_length", ffn);
  }
  void Mixture(uint32_t l, uint32_t ffn = kExpertFfn) {
    const std::string b = Block(l);
    const std::vector<uint64_t> dims = {kWidth, kExperts};
    edit_.Add(b + "ffn_gate_inp.weight", dims, Random(dims, 1, 0));
    Matrix(b + "ffn_gate_exps.weight", {kWidth, ffn, kExperts});
    Matrix(b + "ffn_up_exps.weight", {kWidth, ffn, kExperts});
    Matrix(b + "ffn_down_exps.weight", {ffn, kWidth, kExperts});
  }
  void FfnNorm(uint32_t l, const char* name = "ffn_norm") { Norm(Block(l) + name + ".weight", kWidth); }
  void Head() { Matrix("output.weight", {kWidth, kVocab}); }

  std::vector<float> Random(const std::vector<uint64_t>& dims, float spread, float middle) {
    uint64_t n = 1;
    for (const uint64_t d : dims) n *= d;
    std::vector<float> values(n);
    ++tensors_;
    for (uint64_t i = 0; i < n; ++i) values[i] = middle + spread * float(2 * RandomUnit(tensors_, i) - 1);
    return values;
  }
  static std::string Block(uint32_t l) { return "blk." + std::to_string(l) + "."; }
  uint32_t layers() const { return layers_; }
  ModelEdit& edit() { return edit_; }

 private:
  ModelEdit edit_;
  uint32_t layers_, k_;
  uint64_t tensors_ = 0;
};

ModelEdit Plain(const std::string& family, bool bias, bool qk_norm, bool moe, bool head) {
  Builder b(family, 4, 12);
  if (moe) b.CountExperts();
  for (uint32_t l = 0; l < b.layers(); ++l) {
    b.Attention(l, bias, qk_norm);
    b.FfnNorm(l);
    moe ? b.Mixture(l) : b.Dense(l);
  }
  if (head) b.Head();
  return b.edit();
}

ModelEdit Mixtral() {
  Builder b("llama", 4, 12);
  b.CountExperts(kFfn);
  for (uint32_t l = 0; l < b.layers(); ++l) {
    b.Attention(l, false, false);
    b.FfnNorm(l);
    b.Mixture(l, kFfn);
  }
  b.Head();
  return b.edit();
}

ModelEdit Llama(const std::string& name) {
  ModelEdit edit = Plain("llama", false, false, false, name != "llama3-rope");
  if (name == "llama-linear" || name == "llama-yarn") {
    edit.SetText("rope.scaling.type", name.substr(6));
    edit.Set<float>("rope.scaling.factor", 4);
  }
  if (name == "llama-yarn") edit.Set<uint32_t>("rope.scaling.original_context_length", 64);
  if (name == "llama3-rope") edit.Add("rope_freqs.weight", {6}, {1, 1, 1.5f, 3, 6, 8});
  return edit;
}

ModelEdit Phi3(bool longrope) {
  Builder b("phi3", 4, 12);
  for (uint32_t l = 0; l < b.layers(); ++l) {
    const std::string at = Builder::Block(l);
    b.Norm(at + "attn_norm.weight", kWidth);
    b.Matrix(at + "attn_qkv.weight", {kWidth, (kHeads + 2 * kKvHeads) * 12});
    b.Matrix(at + "attn_output.weight", {kHeads * 12, kWidth});
    b.FfnNorm(l);
    b.Matrix(at + "ffn_up.weight", {kWidth, 2 * kFfn});
    b.Matrix(at + "ffn_down.weight", {kFfn, kWidth});
  }
  b.Head();
  if (!longrope) return b.edit();
  b.edit().Set<uint32_t>("rope.scaling.original_context_length", 64);
  b.edit().Set<float>("rope.scaling.attn_factor", 1.19f);
  b.edit().Add("rope_factors_long.weight", {6}, {1, 1.5f, 2, 4, 8, 9});
  b.edit().Add("rope_factors_short.weight", {6}, {1, 1, 1.1f, 1.2f, 1.3f, 1.4f});
  return b.edit();
}

ModelEdit Granite() {
  ModelEdit edit = Plain("granite", false, false, false, false);
  edit.Set<float>("attention.scale", 0.25f);
  edit.Set<float>("embedding_scale", 6);
  edit.Set<float>("residual_scale", 0.6f);
  edit.Set<float>("logit_scale", 0.5f);
  return edit;
}

ModelEdit Gemma(const std::string& family) {
  const bool two = family == "gemma2";
  Builder b(family, two ? 4 : 6, 16);
  b.edit().Set<uint32_t>("attention.sliding_window", 8);
  if (two) b.edit().Set<float>("attn_logit_softcapping", 4);
  if (two) b.edit().Set<float>("final_logit_softcapping", 2);
  if (!two) b.edit().Set<float>("rope.freq_base", 1e6f);
  for (uint32_t l = 0; l < b.layers(); ++l) {
    b.Attention(l, false, !two);
    b.FfnNorm(l, "post_attention_norm");
    b.FfnNorm(l);
    b.Dense(l);
    b.FfnNorm(l, "post_ffw_norm");
  }
  return b.edit();
}

ModelEdit GptOss() {
  Builder b("gpt-oss", 4, 16);
  b.CountExperts();
  b.edit().Set<uint32_t>("attention.sliding_window", 8);
  b.edit().SetText("rope.scaling.type", "yarn");
  b.edit().Set<float>("rope.scaling.factor", 4);
  b.edit().Set<uint32_t>("rope.scaling.original_context_length", 64);
  for (uint32_t l = 0; l < b.layers(); ++l) {
    const std::string at = Builder::Block(l);
    b.Attention(l, true, false);
    b.Bias(at + "attn_output.bias", {kWidth});
    b.Bias(at + "attn_sinks.weight", {kHeads});
    b.FfnNorm(l, "post_attention_norm");
    b.Mixture(l);
    b.Bias(at + "ffn_gate_inp.bias", {kExperts});
    b.Bias(at + "ffn_gate_exps.bias", {kExpertFfn, kExperts});
    b.Bias(at + "ffn_up_exps.bias", {kExpertFfn, kExperts});
    b.Bias(at + "ffn_down_exps.bias", {kWidth, kExperts});
  }
  b.Head();
  return b.edit();
}

ModelEdit Lfm2(bool moe) {
  Builder b(moe ? "lfm2moe" : "lfm2", 6, 12);
  const std::vector<int32_t> kv_heads = {0, 0, 2, 0, 2, 0};
  b.edit().SetList("attention.head_count_kv", kv_heads);
  b.edit().Set<uint32_t>("shortconv.l_cache", 3);
  b.edit().Find("output_norm.weight")->name = "token_embd_norm.weight";
  if (moe) {
    b.CountExperts();
    b.edit().Set<uint32_t>("leading_dense_block_count", 2);
    b.edit().Set<uint32_t>("expert_gating_func", 2);
  }
  for (uint32_t l = 0; l < b.layers(); ++l) {
    const std::string at = Builder::Block(l);
    if (kv_heads[l] != 0) {
      b.Attention(l, false, true);
    } else {
      b.FfnNorm(l, "attn_norm");
      b.Bias(at + "shortconv.conv.weight", {3, kWidth});
      b.Matrix(at + "shortconv.in_proj.weight", {kWidth, 3 * kWidth});
      b.Matrix(at + "shortconv.out_proj.weight", {kWidth, kWidth});
    }
    b.FfnNorm(l);
    if (moe && l >= 2) {
      b.Mixture(l);
      b.Bias(at + "exp_probs_b.bias", {kExperts});
    } else {
      b.Dense(l);
    }
  }
  return b.edit();
}

// 2 key heads and 4 value heads of width 12.
void DeltaLayer(Builder& b, uint32_t l) {
  constexpr uint32_t kValue = 4 * 12, kChannels = 2 * 2 * 12 + kValue;
  const std::string at = Builder::Block(l);
  b.FfnNorm(l, "attn_norm");
  b.Matrix(at + "attn_qkv.weight", {kWidth, kChannels});
  b.Matrix(at + "attn_gate.weight", {kWidth, kValue});
  b.Bias(at + "ssm_conv1d.weight", {4, kChannels});
  b.Bias(at + "ssm_dt.bias", {4});
  b.edit().Add(at + "ssm_a", {4}, {-0.2f, -0.5f, -1, -2});
  b.Matrix(at + "ssm_beta.weight", {kWidth, 4});
  b.Matrix(at + "ssm_alpha.weight", {kWidth, 4});
  b.Norm(at + "ssm_norm.weight", 12);
  b.Matrix(at + "ssm_out.weight", {kValue, kWidth});
}

ModelEdit Qwen35(bool moe) {
  Builder b(moe ? "qwen35moe" : "qwen35", 4, 24);
  b.edit().Set<uint32_t>("ssm.conv_kernel", 4);
  b.edit().Set<uint32_t>("ssm.inner_size", 4 * 12);
  b.edit().Set<uint32_t>("ssm.state_size", 12);
  b.edit().Set<uint32_t>("ssm.time_step_rank", 4);
  b.edit().Set<uint32_t>("ssm.group_count", 2);
  b.edit().Set<uint32_t>("full_attention_interval", 2);
  b.edit().Set<uint32_t>("rope.dimension_count", 16);
  b.edit().SetList("rope.dimension_sections", {3, 1, 1, 0});
  if (moe) b.CountExperts();
  if (moe) b.edit().Set<uint32_t>("expert_shared_feed_forward_length", kExpertFfn);
  for (uint32_t l = 0; l < b.layers(); ++l) {
    const std::string at = Builder::Block(l);
    if (l % 2 == 1) {
      b.Attention(l, false, true);
      b.edit().RemoveTensors(at + "attn_q.weight");
      b.Matrix(at + "attn_q.weight", {kWidth, 2 * kHeads * 24});
    } else {
      DeltaLayer(b, l);
    }
    b.FfnNorm(l, "post_attention_norm");
    moe ? b.Mixture(l) : b.Dense(l);
    if (!moe) continue;
    b.Bias(at + "ffn_gate_inp_shexp.weight", {kWidth});
    b.Matrix(at + "ffn_gate_shexp.weight", {kWidth, kExpertFfn});
    b.Matrix(at + "ffn_up_shexp.weight", {kWidth, kExpertFfn});
    b.Matrix(at + "ffn_down_shexp.weight", {kExpertFfn, kWidth});
  }
  b.Head();
  return b.edit();
}

}  // namespace

std::span<const char* const> TinyNames() { return kNames; }

bool TinyIsBidirectional(const std::string& name) { return name == "dream" || name.starts_with("llada"); }

ModelEdit TinyModel(const std::string& name) {
  if (name.starts_with("llama")) return Llama(name);
  if (name == "mixtral") return Mixtral();
  if (name.starts_with("phi3")) return Phi3(name == "phi3-longrope");
  if (name.starts_with("gemma")) return Gemma(name);
  if (name.starts_with("lfm2")) return Lfm2(name == "lfm2moe");
  if (name.starts_with("qwen35")) return Qwen35(name == "qwen35moe");
  if (name == "granite") return Granite();
  if (name == "gpt-oss") return GptOss();
  const bool qk_norm = name == "qwen3" || name == "qwen3moe" || name == "llada-moe";
  const bool bias = name == "qwen2" || name == "dream", moe = name == "qwen3moe" || name == "llada-moe";
  return Plain(name, bias, qk_norm, moe, name != "qwen2" && name != "smollm3");
}

std::vector<int32_t> TinyTokens(size_t count, uint64_t seed) {
  std::vector<int32_t> tokens(count);
  for (size_t i = 0; i < count; ++i) tokens[i] = int32_t(RandomBits(seed, i) % kVocab);
  return tokens;
}

}  // namespace hasten
