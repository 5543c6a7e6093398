#include "models/transformer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/workspace.h"

namespace hasten {

// The buffers behind Activations, for up to max_rows rows; each is one allocation so that a stray index meets a sanitiser.
class Buffers final : public Scratch {
 public:
  Buffers(const Config& c, const Widths& w, const WorkspaceLimits& limits, size_t logit_rows)
      : widths_{c.width, c.width, w.out, w.qkv, w.att, w.ff, w.act, w.router, w.mix, w.mixed},
        width_(c.width),
        vocab_(c.vocab),
        last_(logit_rows * c.width),
        logits_(logit_rows * c.vocab),
        few_rows_(FewRows(limits.lanes)),
        own_floats_(few_rows_ * (2 * c.width + w.act)),
        own_(limits.lanes * own_floats_),
        work_(limits) {
    for (size_t i = 0; i < widths_.size(); ++i) rows_[i] = AlignedBuffer<float>(limits.rows * widths_[i]);
  }

  Activations For(const Step& step, const Lane& lane) {
    const size_t t = step.tokens.size(), r = step.logit_rows.size();
    const auto rows = [&](size_t i) { return Mat{rows_[i].data(), t, widths_[i], widths_[i]}; };
    Activations a{rows(0), rows(1), rows(2), rows(3), rows(4), rows(5), rows(6), rows(7), rows(8), rows(9), {}, {}};
    a.last = {last_.data(), r, width_, width_};
    a.logits = {logits_.data(), r, vocab_, vocab_};
    float* own = own_.data() + lane.index() * own_floats_;
    if (t <= FewRows(lane.count())) {
      a.h = {own, t, width_, width_, true};
      a.act = {own + few_rows_ * width_, t, a.act.width, a.act.width, true};
    }
    if (r <= FewRows(lane.count())) a.last = {own + few_rows_ * (width_ + a.act.width), r, width_, width_, true};
    return a;
  }
  void Publish(Mat logits, Mat hidden) {
    logits_out_ = logits;
    hidden_out_ = hidden;
  }
  Mat logits() const override { return logits_out_; }
  Mat hidden() const override { return hidden_out_; }
  size_t experts_read() const override { return work_.experts_read(); }
  Workspace& work() { return work_; }

 private:
  std::array<size_t, 10> widths_;
  size_t width_, vocab_;
  std::array<AlignedBuffer<float>, 10> rows_;
  AlignedBuffer<float> last_, logits_;
  size_t few_rows_, own_floats_;  // rows and floats of a lane's own copies
  AlignedBuffer<float> own_;
  Workspace work_;
  Mat logits_out_, hidden_out_;
};

std::unique_ptr<Scratch> Transformer::MakeScratch(size_t max_rows, size_t max_logit_rows, size_t lanes) const {
  WorkspaceLimits limits;
  limits.rows = std::max(max_rows, max_logit_rows);
  limits.lanes = lanes;
  limits.columns = std::max({config_.width, widths_.att, widths_.act, widths_.mixed, config_.moe.width});
  limits.head_width = std::max(config_.head_width, widths_.state_key);
  limits.experts = config_.moe.experts;
  limits.experts_used = config_.moe.used;
  limits.width = config_.width;
  limits.expert_ff = config_.moe.width;
  return std::make_unique<Buffers>(config_, widths_, limits, max_logit_rows);
}

void Transformer::Forward(const Lane& lane, const Step& step, Scratch& scratch, KvView kv) const {
  Buffers& buffers = static_cast<Buffers&>(scratch);  // made by this model's MakeScratch
  Activations a = buffers.For(step, lane);
  const Exec e{lane, buffers.work(), scratch.profile};
  Embed(e, table_, step.tokens, config_.embedding_scale, a.x);  // x [T, D]
  Layers(e, step, kv, a);
  Mat hidden = a.h;  // free from here on
  hidden.rows = step.hidden_rows.size();
  if (lane.index() == 0) buffers.Publish(a.logits, hidden);
  if (hidden.rows > 0) {
    GatherRows(e, a.x, step.hidden_rows, hidden);
    RmsNorm(e, hidden, final_norm_, config_.eps, hidden);
  }
  if (step.logit_rows.empty()) return;  // prefill: the cache is the result
  GatherRows(e, a.x, step.logit_rows, a.last);
  RmsNorm(e, a.last, final_norm_, config_.eps, a.last);
  if (step.head_panels) {
    MatMulPanels(e, a.last, head_, *step.head_panels, a.logits);  // [R, V], in places
  } else {
    MatMul(e, a.last, head_, a.logits);  // [R, V]
  }
  if (config_.logit_scale != 1) Scale(e, config_.logit_scale, a.logits);
  if (config_.logit_softcap != 0) SoftCap(e, config_.logit_softcap, a.logits);
}

void Transformer::AddFeedForward(const Exec& e, const FeedForward& ffn, const Router& router, const Activations& a) const {
  if (ffn.mixture()) {
    MatMul(e, a.h, ffn.router, a.router);  // [T, E]
    Router own = router;
    own.selection_bias = ffn.selection_bias;
    MoeAdd(e, own, ffn.experts, a.router, a.h, a.x);
    return;
  }
  const size_t f = ffn.down.cols();
  const Mat ff = a.ff.Cols(0, 2 * f), act = a.act.Cols(0, f);
  MatMul(e, a.h, ffn.gate_up, ff);
  SwiGlu(e, ff, act);
  MatMulAdd(e, act, ffn.down, a.x);
}

Widths Transformer::AttentionWidths() const {
  Widths w;
  w.qkv = config_.qkv_width();
  w.att = config_.q_width();
  const bool dense = config_.moe.experts == 0 || config_.moe.dense_layers > 0;
  w.act = std::max(dense ? config_.ffn : 0, config_.moe.shared_width);
  w.ff = 2 * w.act;
  w.router = config_.moe.experts;
  return w;
}

Status Transformer::Finish(const LoadContext& context, const Widths& widths, std::string_view final_norm) {
  widths_ = widths;
  TRY(table_, context.weights.Table(config_.vocab, config_.width));
  TRY(final_norm_, context.weights.Vector(final_norm, config_.width));
  TRY(head_, context.weights.Head(config_.vocab, config_.width));
  info_.family = config_.family;
  info_.name = config_.name;
  info_.layers = config_.layers;
  info_.width = config_.width;
  info_.vocab = config_.vocab;
  info_.trained_context = config_.context;
  info_.kv_layers = size_t(std::ranges::count_if(config_.layer_kv_heads, [](size_t heads) { return heads != 0; }));
  info_.heads = config_.heads;
  info_.kv_heads = config_.kv_heads;
  info_.head_width = config_.head_width;
  info_.bidirectional = config_.bidirectional;
  info_.experts = config_.moe.experts;
  info_.experts_used = config_.moe.used;
  info_.expert_bytes = context.totals.expert_bytes;
  info_.expert_layers = context.totals.expert_layers;
  info_.parameters = context.totals.parameters;
  info_.weights_from = context.weights_from;
  info_.weight_bytes = context.totals.packed_bytes;
  info_.bytes_per_token = context.totals.bytes_per_token;
  info_.mults_per_token = context.totals.mults_per_token;
  info_.float_mults_per_token = context.totals.float_mults_per_token;
  info_.head_mults = config_.vocab * config_.width;
  for (const PackedMatrix& part : head_.parts) {
    info_.head_bytes += part.bytes();
    info_.head_is_float = !part.wants_int8();
  }
  return {};
}

QkvViews SplitQkv(const Config& c, Mat qkv) {
  const size_t q = c.q_width(), k = c.kv_width();
  return {qkv.Cols(0, q), qkv.Cols(q, k), qkv.Cols(q + k, k), qkv.Cols(0, q + k)};
}

Result<Linear> ReadQkv(const WeightReader& layer, const Config& c) {
  if (layer.Has("attn_qkv.weight")) return layer.Matrix("attn_qkv", c.qkv_width(), c.width);
  return layer.Stack({{"attn_q", c.q_width()}, {"attn_k", c.kv_width()}, {"attn_v", c.kv_width()}}, c.width);
}

Result<FeedForward> ReadDense(const WeightReader& layer, const Config& c) {
  if (c.ffn == 0) return Error{Code::kCorrupt, c.family + ".feed_forward_length is absent or zero"};
  FeedForward ffn;
  TRY(ffn.gate_up, layer.Stack({{"ffn_gate", c.ffn}, {"ffn_up", c.ffn}}, c.width));
  TRY(ffn.down, layer.Matrix("ffn_down", c.width, c.ffn));
  return ffn;
}

Result<FeedForward> ReadMixture(const WeightReader& layer, const Config& c, Experts::Act act) {
  if (c.moe.experts == 0) return Error{Code::kCorrupt, c.family + ".expert_count is absent or zero"};
  FeedForward ffn;
  TRY(ffn.router, layer.Matrix("ffn_gate_inp", c.moe.experts, c.width));
  if (layer.Has("exp_probs_b.bias")) {
    TRY(ffn.selection_bias, layer.Values("exp_probs_b.bias", {c.moe.experts}));
  }
  TRY(ffn.experts, layer.MakeExperts(c.moe, c.width, act));
  return ffn;
}

Result<FeedForward> ReadFeedForward(const WeightReader& layer, const Config& c, size_t l) {
  if (c.moe.experts == 0 || l < c.moe.dense_layers) return ReadDense(layer, c);
  return ReadMixture(layer, c);
}

Result<std::vector<float>> ReadRopeFactors(const LoadContext& context) {
  const RopeConfig& rope = context.config.rope;
  const size_t length = context.options.context != 0 ? context.options.context : context.config.context;
  const char* name = nullptr;
  if (context.weights.Has("rope_freqs.weight")) name = "rope_freqs";
  if (context.weights.Has("rope_factors_short.weight")) name = "rope_factors_short";
  if (context.weights.Has("rope_factors_long.weight") && length > rope.original_context) name = "rope_factors_long";
  if (name == nullptr) return std::vector<float>{};
  TRY(std::vector<float> factors, context.weights.Vector(name, rope.width / 2));
  for (const float f : factors)
    if (!std::isfinite(f) || f <= 0)
      return Error{Code::kCorrupt, Fmt("tensor %s.weight holds %g, expected factors above 0", name, f)};
  return factors;
}

}  // namespace hasten
