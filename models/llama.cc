// Llama 2 and 3, Mistral, SmolLM2 (dense), Mixtral (mixture of experts) and LLaDA (every row attends to every row): pre-norm
// attention with neighbours rotated, then a SwiGLU network.
// Sources: LLaMA (arXiv 2302.13971), Mixtral (arXiv 2401.04088), LLaDA (arXiv 2502.09992).
#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

struct Layer {
  std::vector<float> attn_norm, ffn_norm;  // [D]
  Linear qkv, wo;                          // [(H + 2G)K, D], [D, HK]
  FeedForward ffn;
};

class Llama final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.attn_norm, in.Vector("attn_norm", config_.width));
      TRY(layer.qkv, ReadQkv(in, config_));
      TRY(layer.wo, in.Matrix("attn_output", config_.width, config_.q_width()));
      TRY(layer.ffn_norm, in.Vector("ffn_norm", config_.width));
      TRY(layer.ffn, ReadFeedForward(in, config_, l));
    }
    TRY(const std::vector<float> factors, ReadRopeFactors(context));
    rope_ = MakeRope(config_.rope, Rope::Pairing::kNeighbours, factors);
    router_ = {.used = config_.moe.used, .normalise = true, .scale = config_.moe.scale};
    return Finish(context, AttentionWidths());
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const auto [q, k, v, qk] = SplitQkv(config_, a.qkv);
    for (size_t l = 0; l < config_.layers; ++l) {
      const Layer& L = layers_[l];
      RmsNorm(e, a.x, L.attn_norm, config_.eps, a.h);         // h   [T, D]
      MatMul(e, a.h, L.qkv, a.qkv);                           // qkv [T, (H + 2G)K]
      ApplyRope(e, rope_, step.positions, H + G, K, qk);      // rotates q and k in place
      AppendKv(e, step, kv, l, k, v);                         // the only write to the cache
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

Result<std::unique_ptr<Model>> LoadLlama(const LoadContext& context) { return LoadAs<Llama>(context); }

}  // namespace hasten
