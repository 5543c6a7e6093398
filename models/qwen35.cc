// Qwen3.5 and Qwen3.5-MoE: three of four layers keep a matrix of memory per head, updated by the gated delta rule, instead of
// keys and values; the fourth attends, with q and k normalised, part of each head rotated, and its output gated. The norm
// before the feed-forward network is stored as post_attention_norm.
// Sources: Gated DeltaNet (arXiv 2412.06464), Qwen3.5 model cards; the order of heads and channels as llama.cpp's converter
// writes it (value head j reads key head j mod G').
#include <cmath>

#include "kernels/conv/short_conv.h"
#include "models/rope.h"
#include "models/transformer.h"

namespace hasten {
namespace {

struct Layer {
  std::vector<float> mixer_norm, ffn_norm;  // [D]
  // attention: [q | gate | k | v] = h qgkv
  Linear qgkv, wo;                    // [2HK + 2GK, D], [D, HK]
  std::vector<float> q_norm, k_norm;  // [K]
  // delta rule: [q k v channels | z | decay | beta] = h in
  Linear in, out;                    // [C + V' + 2H', D], [D, V'] with H' value heads of width K', V' = H'K', C = 2G'K' + V'
  std::vector<float> kernel;         // [C, L], oldest input first
  std::vector<float> a, decay_bias;  // [H']
  std::vector<float> out_norm;       // [K']
  size_t conv_state = 0, state = 0;  // where the last L - 1 inputs and the matrices lie in a sequence's state
  size_t kv_layer = 0;
  FeedForward ffn;
  // the expert that always works (MoE only)
  Linear shared_gate, shared_gate_up, shared_down;  // [1, D], [2F', D], [D, F']
  bool attends = false;
};

class Qwen35 final : public Transformer {
 public:
  using Transformer::Transformer;

  Status Load(const LoadContext& context) {
    TRY_OK(Configure(context.keys));
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
        TRY_OK(LoadDelta(in, layer));
      }
      TRY(layer.ffn_norm, in.Vector("post_attention_norm", config_.width));
      TRY(layer.ffn, ReadFeedForward(in, config_, l));
      if (layer.ffn.mixture()) TRY_OK(LoadShared(in, layer));
    }
    router_ = {.used = config_.moe.used, .normalise = true, .scale = config_.moe.scale};
    Widths widths = AttentionWidths();
    widths.out = config_.moe.experts != 0 ? config_.width : 0;
    widths.qkv += config_.q_width();  // the gate
    widths.mix = Channels() + ValueWidth() + 2 * delta_.value_heads;
    widths.mixed = Channels() + ValueWidth();
    widths.state_key = delta_.key_width;
    return Finish(context, widths);
  }

 protected:
  void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const override {
    for (const Layer& L : layers_) {
      RmsNorm(e, a.x, L.mixer_norm, config_.eps, a.h);  // h [T, D]
      if (L.attends) {
        GatedAttention(e, L, step, kv, a);
      } else {
        DeltaNet(e, L, step, a);
      }
      RmsNorm(e, a.x, L.ffn_norm, config_.eps, a.h);
      AddFeedForward(e, L.ffn, router_, a);  // x += network(h)
      if (L.ffn.mixture()) AddShared(e, L, a);
    }
  }

 private:
  void GatedAttention(const Exec& e, const Layer& L, const Step& step, KvView kv, const Activations& a) const {
    const size_t H = config_.heads, G = config_.kv_heads, K = config_.head_width;
    const Mat q = a.qkv.Cols(0, H * K), gate = a.qkv.Cols(H * K, H * K);
    const Mat k = a.qkv.Cols(2 * H * K, G * K), v = a.qkv.Cols((2 * H + G) * K, G * K);
    MatMul(e, a.h, L.qgkv, a.qkv);  // [T, (2H + 2G)K]
    RmsNormHeads(e, q, H, L.q_norm, config_.eps);
    RmsNormHeads(e, k, G, L.k_norm, config_.eps);
    ApplyRope(e, rope_, step.positions, H, K, q);
    ApplyRope(e, rope_, step.positions, G, K, k);
    AppendKv(e, step, kv, L.kv_layer, k, v);
    Attend(e, config_.attention(), step, kv, L.kv_layer, q, a.att);  // att [T, HK]
    SigmoidGate(e, gate, a.att);
    MatMulAdd(e, a.att, L.wo, a.x);  // x += (att * sigmoid(gate)) wo
  }

  void DeltaNet(const Exec& e, const Layer& L, const Step& step, const Activations& a) const {
    const size_t C = Channels(), V = ValueWidth(), keys = delta_.key_heads * delta_.key_width, heads = delta_.value_heads;
    const Mat channels = a.mix.Cols(0, C), z = a.mix.Cols(C, V);
    const Mat decay = a.mix.Cols(C + V, heads), beta = a.mix.Cols(C + V + heads, heads);
    const Mat conv = a.mixed.Cols(0, C), y = a.mixed.Cols(C, V);
    MatMul(e, a.h, L.in, a.mix);  // mix [T, C + V' + 2H']
    ShortConv(e, step, L.conv_state, L.kernel, kernel_width_, channels, conv);
    Silu(e, conv);  // conv [T, C] = [q | k | v]
    DeltaGates(e, L.a, L.decay_bias, decay, beta);
    GatedDelta(e, delta_, step, L.state, conv.Cols(0, keys), conv.Cols(keys, keys), conv.Cols(2 * keys, V), decay, beta, y);
    RmsNormHeads(e, y, heads, L.out_norm, config_.eps);
    SiluGate(e, z, y);
    MatMulAdd(e, y, L.out, a.x);  // x += (norm(y) * silu(z)) out
  }

  void AddShared(const Exec& e, const Layer& L, const Activations& a) const {
    const size_t F = config_.moe.shared_width;
    const Mat gate = a.router.Cols(0, 1), ff = a.ff.Cols(0, 2 * F), act = a.act.Cols(0, F);
    MatMul(e, a.h, L.shared_gate, gate);  // [T, 1]
    MatMul(e, a.h, L.shared_gate_up, ff);
    SwiGlu(e, ff, act);
    MatMul(e, act, L.shared_down, a.out);
    SigmoidGate(e, gate, a.out);
    Add(e, a.out, a.x);  // x += sigmoid(gate) network(h)
  }

  size_t ValueWidth() const { return delta_.value_heads * delta_.value_width; }
  size_t Channels() const { return 2 * delta_.key_heads * delta_.key_width + ValueWidth(); }

  Status Configure(const Keys& keys) {
    TRY(const size_t predicting, keys.Size("nextn_predict_layers", {0, config_.layers - 1}, 0));
    config_.layers -= predicting;  // blocks behind the others that draft tokens; not part of the model proper
    config_.layer_kv_heads.resize(config_.layers);
    TRY(kernel_width_, keys.Size("ssm.conv_kernel", {2, kMaxConvTaps}));
    TRY(const size_t width, keys.Size("ssm.state_size", {1, 1024}));
    TRY(const size_t key_heads, keys.Size("ssm.group_count", {1, 4096}));
    TRY(const size_t value_heads, keys.Size("ssm.time_step_rank", {key_heads, 4096}));
    TRY(const size_t inner, keys.Size("ssm.inner_size", {1, size_t{1} << 24}));
    if (value_heads % key_heads != 0 || inner != value_heads * width)
      return Error{Code::kCorrupt, Fmt("%s: %zu value heads of width %zu, %zu key heads and inner size %zu do not fit together",
                                       config_.family.c_str(), value_heads, width, key_heads, inner)};
    delta_ = {key_heads, value_heads, width, width, config_.eps};
    TRY_OK(ChooseLayers(keys));
    return MakeSectionedRope(keys);
  }

  Status ChooseLayers(const Keys& keys) {
    TRY(const std::vector<uint64_t> recurrent, keys.List("attention.recurrent_layers"));
    TRY(const size_t interval, keys.Size("full_attention_interval", {1, size_t{1} << 24}, 4));
    if (recurrent.size() > 1 && recurrent.size() < config_.layers)
      return Error{Code::kCorrupt, keys.Full("attention.recurrent_layers") + " holds fewer flags than there are layers"};
    for (size_t l = 0; l < config_.layers; ++l)
      if (recurrent.size() > 1 ? recurrent[l] != 0 : (l + 1) % interval != 0) config_.layer_kv_heads[l] = 0;
    return {};
  }

  // Pairs take turns to follow a token's time, height and width, which are the same number in text. A pair beyond its
  // section's share follows a fourth coordinate, which is 0 in text: it is not rotated.
  Status MakeSectionedRope(const Keys& keys) {
    TRY(std::vector<uint64_t> sections, keys.List("rope.dimension_sections"));
    sections.resize(4, 0);
    uint64_t cycle = 0;
    for (uint64_t& s : sections) cycle += s = std::min<uint64_t>(s, config_.rope.width);
    rope_ = MakeRope(config_.rope, Rope::Pairing::kHalves);
    if (cycle == 0) return {};
    for (size_t i = 0; i < rope_.inverse_frequency.size(); ++i) {
      const uint64_t sector = i % cycle;
      if (sector >= 3 * sections[sector % 3]) rope_.inverse_frequency[i] = 0;
    }
    return {};
  }

  Status LoadAttention(const WeightReader& in, Layer& layer) {
    const size_t H = config_.heads, K = config_.head_width, D = config_.width;
    std::vector<size_t> order;  // the file has q and gate head by head, [q 0 | gate 0 | q 1 | …]
    for (size_t part = 0; part < 2; ++part)
      for (size_t head = 0; head < H; ++head)
        for (size_t i = 0; i < K; ++i) order.push_back((2 * head + part) * K + i);
    TRY(layer.qgkv, in.Reordered("attn_q", order, D));
    TRY(Linear rest, in.Stack({{"attn_k", config_.kv_width()}, {"attn_v", config_.kv_width()}}, D));
    for (PackedMatrix& part : rest.parts) layer.qgkv.parts.push_back(std::move(part));
    TRY(layer.q_norm, in.Vector("attn_q_norm", K));
    TRY(layer.k_norm, in.Vector("attn_k_norm", K));
    TRY(layer.wo, in.Matrix("attn_output", D, config_.q_width()));
    return {};
  }

  Status LoadDelta(const WeightReader& in, Layer& layer) {
    const size_t D = config_.width, heads = delta_.value_heads;
    TRY(layer.in,
        in.Stack({{"attn_qkv", Channels()}, {"attn_gate", ValueWidth()}, {"ssm_alpha", heads}, {"ssm_beta", heads}}, D));
    TRY(layer.kernel, in.Values("ssm_conv1d.weight", {kernel_width_, Channels()}));
    TRY(layer.a, in.Values("ssm_a", {heads}));
    TRY(layer.decay_bias, in.Values("ssm_dt.bias", {heads}));
    TRY(layer.out_norm, in.Vector("ssm_norm", delta_.value_width));
    TRY(layer.out, in.Matrix("ssm_out", D, ValueWidth()));
    layer.conv_state = info_.state_floats;
    layer.state = layer.conv_state + (kernel_width_ - 1) * Channels();
    info_.state_floats = layer.state + ValueWidth() * delta_.key_width;
    return {};
  }

  Status LoadShared(const WeightReader& in, Layer& layer) {
    const size_t D = config_.width, F = config_.moe.shared_width;
    if (F == 0) return Error{Code::kCorrupt, config_.family + ".expert_shared_feed_forward_length is absent or zero"};
    TRY(layer.shared_gate, in.Matrix("ffn_gate_inp_shexp", 1, D));
    TRY(layer.shared_gate_up, in.Stack({{"ffn_gate_shexp", F}, {"ffn_up_shexp", F}}, D));
    TRY(layer.shared_down, in.Matrix("ffn_down_shexp", D, F));
    return {};
  }

  std::vector<Layer> layers_;
  DeltaRule delta_{};
  size_t kernel_width_ = 0;
  Rope rope_;
  Router router_;
};

}  // namespace

Result<std::unique_ptr<Model>> LoadQwen35(const LoadContext& context) { return LoadAs<Qwen35>(context); }

}  // namespace hasten
