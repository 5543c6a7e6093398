// gpt-oss: biases everywhere, a learned logit per head that draws attention to nothing ("sink"), every other layer within a
// window, YaRN, and a mixture of experts whose weights are a softmax over the chosen ones. The norm before the experts is
// stored as post_attention_norm. Source: gpt-oss model card (arXiv 2508.10925).
#include <algorithm>

#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

constexpr size_t kPeriod = 2;

struct Layer {
  std::vector<float> attn_norm, ffn_norm;  // [D]
  Linear qkv, wo;                          // [(H + 2G)K, D], [D, HK], biases
  std::vector<float> sinks;                // [H]
  FeedForward ffn;                         // experts in MXFP4, biases
};

class GptOss final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    TRY(slides_, SlidingLayers(context.keys, config_, kPeriod));
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.attn_norm, in.Vector("attn_norm", config_.width));
      TRY(layer.qkv, ReadQkv(in, config_));
      TRY(layer.wo, in.Matrix("attn_output", config_.width, config_.q_width()));
      TRY(layer.sinks, in.Vector("attn_sinks", config_.heads));
      TRY(layer.ffn_norm, in.Vector("post_attention_norm", config_.width));
      TRY(layer.ffn, ReadMixture(in, config_, Experts::Act::kSwiGluOai));
    }
    rope_ = MakeRope(config_.rope, Rope::Pairing::kHalves);
    router_ = {.gate = Router::Gate::kSoftmaxOfChosen, .used = config_.moe.used, .scale = config_.moe.scale};
    info_.window = config_.window;
    info_.window_layers = size_t(std::ranges::count(slides_, true));
    return Finish(context, AttentionWidths());
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const auto [q, k, v, qk] = SplitQkv(config_, a.qkv);
    Attention attention = config_.attention();
    for (size_t l = 0; l < config_.layers; ++l) {
      const Layer& L = layers_[l];
      attention.window = slides_[l] ? config_.window : 0;
      attention.sinks = L.sinks;
      RmsNorm(e, a.x, L.attn_norm, config_.eps, a.h);  // h   [T, D]
      MatMul(e, a.h, L.qkv, a.qkv);                    // qkv [T, (H + 2G)K]
      ApplyRope(e, rope_, step.positions, H + G, K, qk);
      AppendKv(e, step, kv, l, k, v);
      Attend(e, attention, step, kv, l, q, a.att);  // att [T, HK]
      MatMulAdd(e, a.att, L.wo, a.x);               // x += att wo + bias
      RmsNorm(e, a.x, L.ffn_norm, config_.eps, a.h);
      AddFeedForward(e, L.ffn, router_, a);  // x += experts(h)
    }
  }

 private:
  std::vector<Layer> layers_;
  std::vector<bool> slides_;
  Rope rope_;
  Router router_;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadGptOss(const LoadContext& context) { return LoadAs<GptOss>(context); }

}  // namespace hasten
