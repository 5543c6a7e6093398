// LFM2 and LFM2-MoE: most layers mix tokens by a short gated convolution instead of attention; the layers whose key/value
// head count is not zero attend, with q and k normalised. The final norm is stored as token_embd_norm.
// Source: LFM2 technical report (arXiv 2511.23404).
#include "kernels/conv/short_conv.h"
#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

struct Layer {
  std::vector<float> mixer_norm, ffn_norm;  // [D]
  // attention
  Linear qkv, wo;                     // [(H + 2G)K, D], [D, HK]
  std::vector<float> q_norm, k_norm;  // [K]
  // convolution: [b | c | x] = h in; x += (c * conv(b * x)) out
  Linear in, out;             // [3D, D], [D, D]
  std::vector<float> kernel;  // [D, L], oldest input first
  size_t state = 0;           // where its last L - 1 inputs lie in a sequence's state
  size_t kv_layer = 0;
  FeedForward ffn;
  bool attends = false;
};

class Lfm2 final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    TRY(kernel_width_, context.keys.Size("shortconv.l_cache", {2, kMaxConvTaps}));
    size_t kv_layers = 0;
    for (size_t l = 0; l < config_.layers; ++l) {
      const WeightReader in = context.weights.Layer(l);
      Layer& layer = layers_.emplace_back();
      TRY(layer.mixer_norm, in.Vector("attn_norm", config_.width));
      layer.attends = config_.layer_kv_heads[l] != 0;
      if (layer.attends) {
        TRY_OK(LoadAttention(in, layer));
        layer.kv_layer = kv_layers++;
      } else {
        TRY_OK(LoadConvolution(in, layer));
      }
      TRY(layer.ffn_norm, in.Vector("ffn_norm", config_.width));
      TRY(layer.ffn, ReadFeedForward(in, config_, l));
    }
    rope_ = MakeRope(config_.rope, Rope::Pairing::kHalves);
    router_ = {.gate = config_.moe.gate.value_or(Router::Gate::kSoftmax),
               .used = config_.moe.used,
               .normalise = true,
               .scale = config_.moe.scale};
    Widths widths = AttentionWidths();
    widths.mix = 3 * config_.width;
    widths.mixed = config_.width;
    return Finish(context, widths, "token_embd_norm");
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    for (const Layer& L : layers_) {
      RmsNorm(e, a.x, L.mixer_norm, config_.eps, a.h);  // h [T, D]
      if (L.attends) {
        SelfAttention(e, L, step, kv, a);
      } else {
        Convolution(e, L, step, a);
      }
      RmsNorm(e, a.x, L.ffn_norm, config_.eps, a.h);
      AddFeedForward(e, L.ffn, router_, a);  // x += network(h)
    }
  }

 private:
  void SelfAttention(const Exec& e, const Layer& L, const Step& step, KvView kv, const Activations& a) const {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const auto [q, k, v, qk] = SplitQkv(config_, a.qkv);
    MatMul(e, a.h, L.qkv, a.qkv);  // qkv [T, (H + 2G)K]
    RmsNormHeads(e, q, H, L.q_norm, config_.eps);
    RmsNormHeads(e, k, G, L.k_norm, config_.eps);
    ApplyRope(e, rope_, step.positions, H + G, K, qk);
    AppendKv(e, step, kv, L.kv_layer, k, v);
    Attend(e, config_.attention(), step, kv, L.kv_layer, q, a.att);  // att [T, HK]
    MatMulAdd(e, a.att, L.wo, a.x);                                  // x += att wo
  }

  void Convolution(const Exec& e, const Layer& L, const Step& step, const Activations& a) const {
    const size_t D = config_.width;
    const Mat b = a.mix.Cols(0, D), c = a.mix.Cols(D, D), x = a.mix.Cols(2 * D, D);
    MatMul(e, a.h, L.in, a.mix);  // mix   [T, 3D]
    Multiply(e, b, x);
    ShortConv(e, step, L.state, L.kernel, kernel_width_, x, a.mixed);  // mixed [T, D]
    Multiply(e, c, a.mixed);
    MatMulAdd(e, a.mixed, L.out, a.x);  // x += mixed out
  }

  Status LoadAttention(const WeightReader& in, Layer& layer) {
    TRY(layer.qkv, ReadQkv(in, config_));
    TRY(layer.q_norm, in.Vector("attn_q_norm", config_.head_width));
    TRY(layer.k_norm, in.Vector("attn_k_norm", config_.head_width));
    TRY(layer.wo, in.Matrix("attn_output", config_.width, config_.q_width()));
    return {};
  }

  Status LoadConvolution(const WeightReader& in, Layer& layer) {
    TRY(layer.in, in.Matrix("shortconv.in_proj", 3 * config_.width, config_.width));
    TRY(layer.kernel, in.Values("shortconv.conv.weight", {kernel_width_, config_.width}));
    TRY(layer.out, in.Matrix("shortconv.out_proj", config_.width, config_.width));
    layer.state = info_.state_floats;
    info_.state_floats += (kernel_width_ - 1) * config_.width;
    return {};
  }

  std::vector<Layer> layers_;
  size_t kernel_width_ = 0;
  Rope rope_;
  Router router_;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadLfm2(const LoadContext& context) { return LoadAs<Lfm2>(context); }

}  // namespace hasten
