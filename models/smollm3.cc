// SmolLM3: Llama's layer, but every fourth one leaves q and k unrotated (NoPE), so that content alone attracts attention.
// Sources: SmolLM3's model card and configuration; RoPE to NoPE and back again (arXiv 2501.18795).
#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

constexpr size_t kNopeInterval = 4;  // layers 3, 7, 11, …

struct Layer {
  std::vector<float> attn_norm, ffn_norm;  // [D]
  Linear qkv, wo;                          // [(H + 2G)K, D], [D, HK]
  FeedForward ffn;
};

class SmolLm3 final : public Transformer {
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
      TRY(layer.ffn, ReadDense(in, config_));
    }
    rope_ = MakeRope(config_.rope, Rope::Pairing::kNeighbours);
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
      if ((l + 1) % kNopeInterval != 0) ApplyRope(e, rope_, step.positions, H + G, K, qk);
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

Result<std::unique_ptr<Model>> LoadSmolLm3(const LoadContext& context) { return LoadAs<SmolLm3>(context); }

}  // namespace hasten
