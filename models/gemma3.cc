// Gemma 3: Gemma 2's layer with q and k normalised instead of capped. Five of six layers see a window and rotate with a base
// of their own; the sixth sees everything, with the file's base and scaling. Source: Gemma 3 (arXiv 2503.19786).
#include <algorithm>
#include <cmath>

#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

constexpr size_t kPeriod = 6;
constexpr float kLocalBase = 10000;  // files need not repeat it
constexpr size_t kLayersOf27B = 62;  // scales queries by sqrt(D / H), all others by sqrt(K)

struct Layer {
  std::vector<float> attn_norm, attn_post_norm, ffn_norm, ffn_post_norm;  // [D]
  Linear qkv, wo;                                                         // [(H + 2G)K, D], [D, HK]
  std::vector<float> q_norm, k_norm;                                      // [K]
  FeedForward ffn;
};

class Gemma3 final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    TRY_OK(Configure(context.keys));
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.attn_norm, in.Vector("attn_norm", config_.width));
      TRY(layer.qkv, ReadQkv(in, config_));
      TRY(layer.q_norm, in.Vector("attn_q_norm", config_.head_width));
      TRY(layer.k_norm, in.Vector("attn_k_norm", config_.head_width));
      TRY(layer.wo, in.Matrix("attn_output", config_.width, config_.q_width()));
      TRY(layer.attn_post_norm, in.Vector("post_attention_norm", config_.width));
      TRY(layer.ffn_norm, in.Vector("ffn_norm", config_.width));
      TRY(layer.ffn, ReadDense(in, config_));
      TRY(layer.ffn_post_norm, in.Vector("post_ffw_norm", config_.width));
    }
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
      RmsNormHeads(e, q, H, L.q_norm, config_.eps);
      RmsNormHeads(e, k, G, L.k_norm, config_.eps);
      ApplyRope(e, slides_[l] ? local_rope_ : global_rope_, step.positions, H + G, K, qk);
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
    if (config_.layers == kLayersOf27B) config_.attention_scale = 1 / std::sqrt(float(config_.width / config_.heads));
    config_.embedding_scale = std::sqrt(float(config_.width));
    TRY(slides_, SlidingLayers(keys, config_, kPeriod));
    global_rope_ = MakeRope(config_.rope, Rope::Pairing::kHalves);
    RopeConfig local = config_.rope;
    local.scaling = RopeConfig::Scaling::kNone;
    TRY(local.base, keys.Number("rope.freq_base_swa", kLocalBase, 1.001f, 1e15f));
    local_rope_ = MakeRope(local, Rope::Pairing::kHalves);
    return {};
  }

  std::vector<Layer> layers_;
  std::vector<bool> slides_;
  Rope local_rope_, global_rope_;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadGemma3(const LoadContext& context) { return LoadAs<Gemma3>(context); }

}  // namespace hasten
