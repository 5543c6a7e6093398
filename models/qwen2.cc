// Qwen2 and 2.5, and Dream (the same network, every row attending to every row): biases on q, k and v, halves rotated.
// Sources: Qwen2 (arXiv 2407.10671), Dream (arXiv 2508.15487).
#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

struct Layer {
  std::vector<float> attn_norm, ffn_norm;  // [D]
  Linear qkv, wo;                          // [(H + 2G)K, D] with bias, [D, HK]
  FeedForward ffn;
};

class Qwen2 final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.attn_norm, in.Vector("attn_norm", config_.width));
      TRY(layer.qkv, ReadQkv(in, config_));
      if (layer.qkv.bias.empty()) return Error{Code::kCorrupt, Fmt("layer %zu has no bias of q, k and v", l)};
      TRY(layer.wo, in.Matrix("attn_output", config_.width, config_.q_width()));
      TRY(layer.ffn_norm, in.Vector("ffn_norm", config_.width));
      TRY(layer.ffn, ReadDense(in, config_));
    }
    rope_ = MakeRope(config_.rope, Rope::Pairing::kHalves);
    return Finish(context, AttentionWidths());
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const auto [q, k, v, qk] = SplitQkv(config_, a.qkv);
    for (size_t l = 0; l < config_.layers; ++l) {
      const Layer& L = layers_[l];
      RmsNorm(e, a.x, L.attn_norm, config_.eps, a.h);  // h   [T, D]
      MatMul(e, a.h, L.qkv, a.qkv);                    // qkv [T, (H + 2G)K], biases added
      ApplyRope(e, rope_, step.positions, H + G, K, qk);
      AppendKv(e, step, kv, l, k, v);
      Attend(e, config_.attention(), step, kv, l, q, a.att);  // att [T, HK]
      MatMulAdd(e, a.att, L.wo, a.x);                         // x += att wo
      RmsNorm(e, a.x, L.ffn_norm, config_.eps, a.h);
      AddFeedForward(e, L.ffn, {}, a);  // x += network(h)
    }
  }

 private:
  std::vector<Layer> layers_;
  Rope rope_;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadQwen2(const LoadContext& context) { return LoadAs<Qwen2>(context); }

}  // namespace hasten
