// Phi-3, 3.5 and 4-mini: q, k and v in one matrix, gate and up in another, and LongRoPE for long contexts: two tables of
// frequency factors, the long one where the context exceeds what the model was first trained on.
// A sliding window, where the file states one, holds for all layers, as in the published modelling code.
// Sources: Phi-3 (arXiv 2404.14219), LongRoPE (arXiv 2402.13753).
#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

struct Layer {
  std::vector<float> attn_norm, ffn_norm;  // [D]
  Linear qkv, wo;                          // [(H + 2G)K, D], [D, HK]
  Linear gate_up, down;                    // [2F, D], [D, F]
};

class Phi3 final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    const size_t D = config_.width, F = config_.ffn;
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.attn_norm, in.Vector("attn_norm", D));
      TRY(layer.qkv, ReadQkv(in, config_));
      TRY(layer.wo, in.Matrix("attn_output", D, config_.q_width()));
      TRY(layer.ffn_norm, in.Vector("ffn_norm", D));
      TRY(layer.gate_up, in.Matrix("ffn_up", 2 * F, D));
      TRY(layer.down, in.Matrix("ffn_down", D, F));
    }
    TRY(const std::vector<float> factors, ReadRopeFactors(context));
    rope_ = MakeRope(config_.rope, Rope::Pairing::kHalves, factors);
    if (config_.window > 0) info_.window = config_.window, info_.window_layers = config_.layers;
    return Finish(context, AttentionWidths());
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const auto [q, k, v, qk] = SplitQkv(config_, a.qkv);
    Attention attention = config_.attention();
    attention.window = config_.window;
    for (size_t l = 0; l < config_.layers; ++l) {
      const Layer& L = layers_[l];
      RmsNorm(e, a.x, L.attn_norm, config_.eps, a.h);  // h   [T, D]
      MatMul(e, a.h, L.qkv, a.qkv);                    // qkv [T, (H + 2G)K]
      ApplyRope(e, rope_, step.positions, H + G, K, qk);
      AppendKv(e, step, kv, l, k, v);
      Attend(e, attention, step, kv, l, q, a.att);  // att [T, HK]
      MatMulAdd(e, a.att, L.wo, a.x);               // x += att wo
      RmsNorm(e, a.x, L.ffn_norm, config_.eps, a.h);
      MatMul(e, a.h, L.gate_up, a.ff);   // ff  [T, 2F]
      SwiGlu(e, a.ff, a.act);            // act [T, F]
      MatMulAdd(e, a.act, L.down, a.x);  // x += act down
    }
  }

 private:
  std::vector<Layer> layers_;
  Rope rope_;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadPhi3(const LoadContext& context) { return LoadAs<Phi3>(context); }

}  // namespace hasten
