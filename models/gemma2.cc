// Gemma 2: norms before and after each block, GeGLU, soft caps on attention and logits, and every other layer sees a window.
// Norm weights hold the "1 +" of the paper's code already. Source: Gemma 2 (arXiv 2408.00118).
#include <algorithm>
#include <cmath>

#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

// What the published configurations say; files need not repeat it.
constexpr float kAttentionSoftcap = 50, kLogitSoftcap = 30;
constexpr size_t kWindow = 4096, kPeriod = 2;
constexpr size_t kLayersOf27B = 46;  // scales queries by sqrt(D / H), all others by sqrt(K)

struct Layer {
  std::vector<float> attn_norm, attn_post_norm, ffn_norm, ffn_post_norm;  // [D]
  Linear qkv, wo;                                                         // [(H + 2G)K, D], [D, HK]
  FeedForward ffn;
};

class Gemma2 final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    TRY_OK(Configure(context.keys));
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.attn_norm, in.Vector("attn_norm", config_.width));
      TRY(layer.qkv, ReadQkv(in, config_));
      TRY(layer.wo, in.Matrix("attn_output", config_.width, config_.q_width()));
      TRY(layer.attn_post_norm, in.Vector("post_attention_norm", config_.width));
      TRY(layer.ffn_norm, in.Vector("ffn_norm", config_.width));
      TRY(layer.ffn, ReadDense(in, config_));
      TRY(layer.ffn_post_norm, in.Vector("post_ffw_norm", config_.width));
    }
    rope_ = MakeRope(config_.rope, Rope::Pairing::kHalves);
    Widths widths = AttentionWidths();
    widths.out = config_.width;
    info_.window = config_.window;
    info_.window_layers = size_t(std::ranges::count(slides_, true));
    return Finish(context, widths);
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const auto [q, k, v, qk] = SplitQkv(config_, a.qkv);
    Attention attention = config_.attention();
    for (size_t l = 0; l < config_.layers; ++l) {
      const Layer& L = layers_[l];
      attention.window = slides_[l] ? config_.window : 0;
      RmsNorm(e, a.x, L.attn_norm, config_.eps, a.h);  // h   [T, D]
      MatMul(e, a.h, L.qkv, a.qkv);                    // qkv [T, (H + 2G)K]
      ApplyRope(e, rope_, step.positions, H + G, K, qk);
      AppendKv(e, step, kv, l, k, v);
      Attend(e, attention, step, kv, l, q, a.att);  // att [T, HK]
      MatMul(e, a.att, L.wo, a.out);
      RmsNorm(e, a.out, L.attn_post_norm, config_.eps, a.out);
      Add(e, a.out, a.x);  // x += norm(att wo)
      RmsNorm(e, a.x, L.ffn_norm, config_.eps, a.h);
      MatMul(e, a.h, L.ffn.gate_up, a.ff);  // ff  [T, 2F]
      GeGlu(e, a.ff, a.act);                // act [T, F]
      MatMul(e, a.act, L.ffn.down, a.out);
      RmsNorm(e, a.out, L.ffn_post_norm, config_.eps, a.out);
      Add(e, a.out, a.x);  // x += norm(act down)
    }
  }

 private:
  Status Configure(const Keys& keys) {
    if (!keys.Has("attn_logit_softcapping")) config_.attention_softcap = kAttentionSoftcap;
    if (!keys.Has("final_logit_softcapping")) config_.logit_softcap = kLogitSoftcap;
    if (!keys.Has("attention.sliding_window")) config_.window = kWindow;
    if (config_.layers == kLayersOf27B) config_.attention_scale = 1 / std::sqrt(float(config_.width / config_.heads));
    config_.embedding_scale = std::sqrt(float(config_.width));
    TRY(slides_, SlidingLayers(keys, config_, kPeriod));
    return {};
  }

  std::vector<Layer> layers_;
  std::vector<bool> slides_;
  Rope rope_;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadGemma2(const LoadContext& context) { return LoadAs<Gemma2>(context); }

}  // namespace hasten
