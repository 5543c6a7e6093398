// Granite 3: Llama's layer with four multipliers: of the embedding, of q k^T, of what each block adds to the residual
// stream, and (as a divisor) of the logits. Source: Power Scheduler (arXiv 2408.13359), where the multipliers come from.
#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

struct Layer {
  std::vector<float> attn_norm, ffn_norm;  // [D]
  Linear qkv, wo;                          // [(H + 2G)K, D], [D, HK]
  FeedForward ffn;
};

class Granite final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    const Keys& keys = context.keys;
    TRY(const float logit_divisor, keys.Number("logit_scale", 0, 0, 1e6f));
    if (logit_divisor == 0) return Error{Code::kCorrupt, keys.Full("logit_scale") + " is absent or zero"};
    config_.logit_scale = 1 / logit_divisor;
    TRY(const float embedding, keys.Number("embedding_scale", 0, 0, 1e6f));
    TRY(const float residual, keys.Number("residual_scale", 0, 0, 1e6f));
    if (embedding != 0) config_.embedding_scale = embedding;
    if (residual != 0) residual_scale_ = residual;
    TRY(rotates_, keys.Flag("rope.scaling.finetuned", true));  // the family's switch for RoPE, off in some files
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.attn_norm, in.Vector("attn_norm", config_.width));
      TRY(layer.qkv, ReadQkv(in, config_));
      TRY(layer.wo, in.Matrix("attn_output", config_.width, config_.q_width()));
      TRY(layer.ffn_norm, in.Vector("ffn_norm", config_.width));
      TRY(layer.ffn, ReadDense(in, config_));
    }
    TRY(const std::vector<float> factors, ReadRopeFactors(context));
    rope_ = MakeRope(config_.rope, Rope::Pairing::kNeighbours, factors);
    Widths widths = AttentionWidths();
    widths.out = config_.width;
    return Finish(context, widths);
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const auto [q, k, v, qk] = SplitQkv(config_, a.qkv);
    for (size_t l = 0; l < config_.layers; ++l) {
      const Layer& L = layers_[l];
      RmsNorm(e, a.x, L.attn_norm, config_.eps, a.h);  // h   [T, D]
      MatMul(e, a.h, L.qkv, a.qkv);                    // qkv [T, (H + 2G)K]
      if (rotates_) ApplyRope(e, rope_, step.positions, H + G, K, qk);
      AppendKv(e, step, kv, l, k, v);
      Attend(e, config_.attention(), step, kv, l, q, a.att);  // att [T, HK]
      MatMul(e, a.att, L.wo, a.out);
      Scale(e, residual_scale_, a.out);
      Add(e, a.out, a.x);  // x += scale att wo
      RmsNorm(e, a.x, L.ffn_norm, config_.eps, a.h);
      MatMul(e, a.h, L.ffn.gate_up, a.ff);  // ff  [T, 2F]
      SwiGlu(e, a.ff, a.act);               // act [T, F]
      MatMul(e, a.act, L.ffn.down, a.out);
      Scale(e, residual_scale_, a.out);
      Add(e, a.out, a.x);  // x += scale act down
    }
  }

 private:
  std::vector<Layer> layers_;
  Rope rope_;
  float residual_scale_ = 1;
  bool rotates_ = true;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadGranite(const LoadContext& context) { return LoadAs<Granite>(context); }

}  // namespace hasten
