#include "tests/models/features.h"

#include <algorithm>
#include <cmath>

namespace hasten {
namespace {

using Values = std::vector<float>;
using Dims = std::vector<uint64_t>;

template <class T>
void Multiply(ModelEdit& m, const char* name, T factor) {
  m.ChangeTensors(name, [factor](Values& v, const Dims&) {
    for (float& x : v) x *= float(factor);
  });
}

// Rows of each of `heads` heads from the order in which neighbours are rotated to the one in which halves are.
void PairHalves(ModelEdit& m, const char* name, size_t heads) {
  m.ChangeTensors(name, [heads](Values& v, const Dims& dims) {
    const size_t cols = dims[0], width = dims[1] / heads;
    const Values old = v;
    for (size_t h = 0; h < heads; ++h)
      for (size_t r = 0; r < width; ++r) {
        const size_t from = r < width / 2 ? 2 * r : 2 * (r - width / 2) + 1;
        std::copy_n(old.begin() + long((h * width + from) * cols), cols, v.begin() + long((h * width + r) * cols));
      }
  });
}

// Only the newest input of a convolution counts.
void KeepNewestTap(ModelEdit& m, const char* name) {
  m.ChangeTensors(name, [](Values& v, const Dims& dims) {
    for (size_t i = 0; i < v.size(); ++i)
      if (i % dims[0] != dims[0] - 1) v[i] = 0;
  });
}

// The gate's rows of attn_q (every second head's worth) become zero, so that it is 1/2 everywhere; twice wo makes up for it.
void OpenAttentionGate(ModelEdit& m) {
  m.ChangeTensors("attn_q.weight", [](Values& v, const Dims& dims) {
    const size_t head = dims[0] * dims[1] / 8;
    for (size_t i = 0; i < v.size(); ++i)
      if (i / head % 2 == 1) v[i] = 0;
  });
  Multiply(m, "attn_output.weight", 2);
}

// q's and k's channels of the two key heads change places.
void SwapKeyHeads(ModelEdit& m) {
  m.ChangeTensors("attn_qkv.weight", [](Values& v, const Dims& dims) {
    const size_t head = dims[1] / 8 * dims[0];  // 2 + 2 key heads and 4 value heads of one width
    for (size_t at : {size_t{0}, 2 * head})
      std::swap_ranges(v.begin() + long(at), v.begin() + long(at + head), v.begin() + long(at + head));
  });
}

// The table shrinks by what it will be multiplied with; the head, which is tied to it, keeps what it was.
void WithoutEmbeddingScale(ModelEdit& m) {
  ModelEdit::Tensor head = *m.Find("token_embd.weight");
  head.name = "output.weight";
  m.ChangeTensors("token_embd.weight", [](Values& v, const Dims& dims) {
    for (float& x : v) x /= std::sqrt(float(dims[0]));
  });
  m.Add(head);
}

constexpr Feature kFeatures[] = {
    {"llama", "RoPE base", [](ModelEdit& m) { m.Set<float>("rope.freq_base", 20000); }},
    {"llama", "partial rotation", [](ModelEdit& m) { m.Set<uint32_t>("rope.dimension_count", 8); }},
    {"llama", "pairing of neighbours",
     [](ModelEdit& m) {
       PairHalves(m, "attn_q.weight", 4);
       PairHalves(m, "attn_k.weight", 2);
     }},
    {"llama", "output head of its own", [](ModelEdit& m) { m.RemoveTensors("output.weight"); }},
    {"llama", "norm's epsilon", [](ModelEdit& m) { m.Set<float>("attention.layer_norm_rms_epsilon", 0.3f); }},
    {"llama-linear", "linear scaling", [](ModelEdit& m) { m.SetText("rope.scaling.type", "none"); }},
    {"llama-linear", "linear factor", [](ModelEdit& m) { m.Set<float>("rope.scaling.factor", 2); }},
    {"llama-yarn", "YaRN", [](ModelEdit& m) { m.SetText("rope.scaling.type", "none"); }},
    {"llama-yarn", "YaRN's ramp", [](ModelEdit& m) { m.SetText("rope.scaling.type", "linear"); }},
    {"llama-yarn", "YaRN's magnitude",
     [](ModelEdit& m) { m.Set<float>("rope.scaling.attn_factor", 1 / (1 + 0.1f * std::log(4.0f))); }},
    {"llama-yarn", "YaRN's original context", [](ModelEdit& m) { m.Remove("rope.scaling.original_context_length"); }},
    {"llama3-rope", "frequency factors", [](ModelEdit& m) { m.RemoveTensors("rope_freqs.weight"); }},
    {"mixtral", "experts used", [](ModelEdit& m) { m.Set<uint32_t>("expert_used_count", 1); }},
    {"phi3", "pairing of halves",
     [](ModelEdit& m) {
       m.ChangeTensors("attn_qkv.weight", [](Values& v, const Dims&) {
         std::swap_ranges(v.begin(), v.begin() + long(v.size() / 8), v.begin() + long(v.size() / 8));
       });
     }},
    {"phi3-longrope", "long factors", [](ModelEdit& m) { m.RemoveTensors("rope_factors_long.weight"); }},
    {"phi3-longrope", "attention factor", [](ModelEdit& m) { m.Remove("rope.scaling.attn_factor"); }},
    {"smollm3", "NoPE layers", [](ModelEdit& m) { m.Rename("llama"); }},
    {"granite", "attention scale", [](ModelEdit& m) { m.Remove("attention.scale"); }},
    {"granite", "embedding scale", [](ModelEdit& m) { m.Remove("embedding_scale"); }},
    {"granite", "residual scale", [](ModelEdit& m) { m.Remove("residual_scale"); }},
    {"granite", "logit scale", [](ModelEdit& m) { m.Set<float>("logit_scale", 1); }},
    {"granite", "RoPE switch", [](ModelEdit& m) { m.Set<bool>("rope.scaling.finetuned", false); }},
    {"qwen2", "bias of q", [](ModelEdit& m) { m.Fill("attn_q.bias", 0); }},
    {"qwen2", "bias of k", [](ModelEdit& m) { m.Fill("attn_k.bias", 0); }},
    {"qwen2", "bias of v", [](ModelEdit& m) { m.Fill("attn_v.bias", 0); }},
    {"dream", "attention in both directions", [](ModelEdit& m) { m.Set<bool>("attention.causal", true); }},
    {"llada", "attention in both directions", [](ModelEdit& m) { m.Set<bool>("attention.causal", true); }},
    {"llada-moe", "attention in both directions", [](ModelEdit& m) { m.Set<bool>("attention.causal", true); }},
    {"llada-moe", "unnormalised experts",
     [](ModelEdit& m) {
       m.Rename("qwen3moe");
       m.Set<bool>("attention.causal", false);
     }},
    {"llada-moe", "experts used", [](ModelEdit& m) { m.Set<uint32_t>("expert_used_count", 1); }},
    {"qwen3", "norms of q and k",
     [](ModelEdit& m) {
       m.Rename("llada");  // the same layer without them, neighbours for halves
       m.Set<bool>("attention.causal", true);
     }},
    {"qwen3", "norm of q", [](ModelEdit& m) { m.Fill("attn_q_norm.weight", 1); }},
    {"qwen3", "norm of k", [](ModelEdit& m) { m.Fill("attn_k_norm.weight", 1); }},
    {"qwen3moe", "experts used", [](ModelEdit& m) { m.Set<uint32_t>("expert_used_count", 3); }},
    {"qwen3moe", "normalised experts",
     [](ModelEdit& m) {
       m.Rename("llada-moe");
       m.Set<bool>("attention.causal", true);
     }},
    {"gemma2", "window", [](ModelEdit& m) { m.Set<uint32_t>("attention.sliding_window", 500); }},
    {"gemma2", "layers without window", [](ModelEdit& m) { m.Set<uint32_t>("attention.sliding_window_pattern", 0); }},
    {"gemma2", "soft cap of attention", [](ModelEdit& m) { m.Set<float>("attn_logit_softcapping", 1e5f); }},
    {"gemma2", "soft cap of logits", [](ModelEdit& m) { m.Set<float>("final_logit_softcapping", 1e5f); }},
    {"gemma2", "norm after attention", [](ModelEdit& m) { m.Fill("post_attention_norm.weight", 1); }},
    {"gemma2", "norm after the network", [](ModelEdit& m) { m.Fill("post_ffw_norm.weight", 1); }},
    {"gemma2", "embedding scale", WithoutEmbeddingScale},
    {"gemma3", "window", [](ModelEdit& m) { m.Set<uint32_t>("attention.sliding_window", 500); }},
    {"gemma3", "layers without window", [](ModelEdit& m) { m.Set<uint32_t>("attention.sliding_window_pattern", 0); }},
    {"gemma3", "RoPE base of windows", [](ModelEdit& m) { m.Set<float>("rope.freq_base_swa", 1e6f); }},
    {"gemma3", "RoPE base of other layers", [](ModelEdit& m) { m.Set<float>("rope.freq_base", 1e4f); }},
    {"gemma3", "norms of q and k",
     [](ModelEdit& m) {
       m.Fill("attn_q_norm.weight", 1);
       m.Fill("attn_k_norm.weight", 1);
     }},
    {"gpt-oss", "window", [](ModelEdit& m) { m.Set<uint32_t>("attention.sliding_window", 500); }},
    {"gpt-oss", "layers without window", [](ModelEdit& m) { m.Set<uint32_t>("attention.sliding_window_pattern", 0); }},
    {"gpt-oss", "sinks", [](ModelEdit& m) { m.Fill("attn_sinks.weight", -1e30f); }},
    {"gpt-oss", "bias of q", [](ModelEdit& m) { m.RemoveTensors("attn_q.bias"); }},
    {"gpt-oss", "bias of attention's output", [](ModelEdit& m) { m.RemoveTensors("attn_output.bias"); }},
    {"gpt-oss", "bias of the router", [](ModelEdit& m) { m.RemoveTensors("ffn_gate_inp.bias"); }},
    {"gpt-oss", "bias of gate", [](ModelEdit& m) { m.RemoveTensors("ffn_gate_exps.bias"); }},
    {"gpt-oss", "bias of up", [](ModelEdit& m) { m.RemoveTensors("ffn_up_exps.bias"); }},
    {"gpt-oss", "bias of down", [](ModelEdit& m) { m.RemoveTensors("ffn_down_exps.bias"); }},
    {"gpt-oss", "experts used", [](ModelEdit& m) { m.Set<uint32_t>("expert_used_count", 3); }},
    {"gpt-oss", "YaRN", [](ModelEdit& m) { m.SetText("rope.scaling.type", "none"); }},
    {"lfm2", "convolution", [](ModelEdit& m) { KeepNewestTap(m, "shortconv.conv.weight"); }},
    {"lfm2", "norm of q", [](ModelEdit& m) { m.Fill("attn_q_norm.weight", 1); }},
    {"lfm2", "RoPE base", [](ModelEdit& m) { m.Set<float>("rope.freq_base", 1e4f); }},
    {"lfm2moe", "sigmoid router", [](ModelEdit& m) { m.Set<uint32_t>("expert_gating_func", 1); }},
    {"lfm2moe", "selection bias", [](ModelEdit& m) { m.RemoveTensors("exp_probs_b.bias"); }},
    {"lfm2moe", "experts used", [](ModelEdit& m) { m.Set<uint32_t>("expert_used_count", 1); }},
    {"qwen35", "convolution", [](ModelEdit& m) { KeepNewestTap(m, "ssm_conv1d.weight"); }},
    {"qwen35", "decay", [](ModelEdit& m) { m.Fill("ssm_a", 0); }},
    {"qwen35", "bias of decay", [](ModelEdit& m) { m.Fill("ssm_dt.bias", 0); }},
    {"qwen35", "beta", [](ModelEdit& m) { m.Fill("ssm_beta.weight", 0); }},
    {"qwen35", "gate of the delta rule", [](ModelEdit& m) { m.Fill("attn_gate.weight", 0.1f); }},
    {"qwen35", "norm of the delta rule", [](ModelEdit& m) { m.Fill("ssm_norm.weight", 1); }},
    {"qwen35", "order of key heads", SwapKeyHeads},
    {"qwen35", "gate of attention", OpenAttentionGate},
    {"qwen35", "partial rotation", [](ModelEdit& m) { m.Set<uint32_t>("rope.dimension_count", 24); }},
    // In the reference model the one pair without a section turns by less than 1e-4 anyway.
    {"qwen35", "sections", [](ModelEdit& m) { m.SetList("rope.dimension_sections", {4, 4, 4, 0}); }, false},
    {"qwen35moe", "shared expert", [](ModelEdit& m) { m.Fill("ffn_down_shexp.weight", 0); }},
    {"qwen35moe", "gate of the shared expert",
     [](ModelEdit& m) {
       m.Fill("ffn_gate_inp_shexp.weight", 0);
       Multiply(m, "ffn_down_shexp.weight", 2);
     }},
    {"qwen35moe", "experts used", [](ModelEdit& m) { m.Set<uint32_t>("expert_used_count", 1); }},
};

}  // namespace

std::span<const Feature> Features() { return kFeatures; }

}  // namespace hasten
