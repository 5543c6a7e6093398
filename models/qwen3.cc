// Qwen3, Qwen3-MoE and LLaDA-MoE (every row attending to every row): q and k normalised within each head before they are
// rotated. LLaDA-MoE leaves the experts' weights as the softmax over all experts gives them; Qwen3-MoE makes them sum to 1.
// Sources: Qwen3 (arXiv 2505.09388), LLaDA-MoE (arXiv 2509.24389).
#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

struct Layer {
  std::vector<float> attn_norm, ffn_norm;  // [D]
  Linear qkv, wo;                          // [(H + 2G)K, D], [D, HK]
  std::vector<float> q_norm, k_norm;       // [K]
  FeedForward ffn;
};

class Qwen3 final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.attn_norm, in.Vector("attn_norm", config_.width));
      TRY(layer.qkv, ReadQkv(in, config_));
      TRY(layer.q_norm, in.Vector("attn_q_norm", config_.head_width));
      TRY(layer.k_norm, in.Vector("attn_k_norm", config_.head_width));
      TRY(layer.wo, in.Matrix("attn_output", config_.width, config_.q_width()));
      TRY(layer.ffn_norm, in.Vector("ffn_norm", config_.width));
      TRY(layer.ffn, ReadFeedForward(in, config_, l));
    }
    rope_ = MakeRope(config_.rope, Rope::Pairing::kHalves);
    router_ = {.used = config_.moe.used, .normalise = config_.family != "llada-moe", .scale = config_.moe.scale};
    return Finish(context, AttentionWidths());
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const auto [q, k, v, qk] = SplitQkv(config_, a.qkv);
    for (size_t l = 0; l < config_.layers; ++l) {
      const Layer& L = layers_[l];
      RmsNorm(e, a.x, L.attn_norm, config_.eps, a.h);  // h   [T, D]
      MatMul(e, a.h, L.qkv, a.qkv);                    // qkv [T, (H + 2G)K]
      RmsNormHeads(e, q, H, L.q_norm, config_.eps);
      RmsNormHeads(e, k, G, L.k_norm, config_.eps);
      ApplyRope(e, rope_, step.positions, H + G, K, qk);
      AppendKv(e, step, kv, l, k, v);
      Attend(e, config_.attention(), step, kv, l, q, a.att);  // att [T, HK]
      MatMulAdd(e, a.att, L.wo, a.x);                         // x += att wo
      RmsNorm(e, a.x, L.ffn_norm, config_.eps, a.h);
      AddFeedForward(e, L.ffn, router_, a);  // x += network(h)
    }
  }

 private:
  std::vector<Layer> layers_;
  Rope rope_;
  Router router_;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadQwen3(const LoadContext& context) { return LoadAs<Qwen3>(context); }

}  // namespace hasten
