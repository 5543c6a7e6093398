// What all families share: the activations of a forward pass, feed-forward blocks, and the frame around the layers (token
// table, final norm, output head). The layers themselves are written out in each family's file.
#pragma once

#include <memory>
#include <vector>

#include "base/aligned.h"
#include "models/config.h"
#include "models/model.h"
#include "models/ops.h"
#include "models/weights.h"

namespace hasten {

// Views of one step's rows, [T, width] unless said otherwise. A family uses those that its Widths name. Where rows are few
// (FewRows), h, act and last are each lane's own (Mat::own).
struct Activations {
  Mat x;           // [T, D] residual stream
  Mat h;           // [T, D] a block's input
  Mat out;         // [T, D] a block's output, where it is normalised or scaled before it is added
  Mat qkv;         // [T, (H + 2G)K] = [q | k | v]; families with another layout say so
  Mat att;         // [T, HK]
  Mat ff;          // [T, 2F] = [gate | up]
  Mat act;         // [T, F]
  Mat router;      // [T, E]
  Mat mix, mixed;  // what recurrent and convolutional mixers project to, and what they make of it
  Mat last;        // [R, D] final norm of the rows whose logits are wanted
  Mat logits;      // [R, V]
};

// The parts of [q | k | v]. q and k lie side by side, so that one call rotates the H + G heads of both.
struct QkvViews {
  Mat q, k, v, qk;
};
QkvViews SplitQkv(const Config& config, Mat qkv);

// Widths of the buffers beside D and V, which all have; 0: not used.
struct Widths {
  size_t out = 0, qkv = 0, att = 0, ff = 0, act = 0, router = 0, mix = 0, mixed = 0;
  size_t state_key = 0;  // K of a recurrent state
};

// A gated feed-forward network, dense or a mixture of experts.
struct FeedForward {
  Linear gate_up, down;  // [2F, D], [D, F]; empty for a mixture
  Linear router;         // [E, D]; empty for a dense network
  std::vector<float> selection_bias;
  Experts experts;
  bool mixture() const { return !router.parts.empty(); }
};

struct LoadContext {
  const Gguf& file;
  const Keys& keys;
  const Config& config;
  const WeightReader& weights;
  const WeightTotals& totals;
  const LoadOptions& options;
  std::string_view weights_from;       // as ModelInfo has it
  std::shared_ptr<const void> packed;  // where weights lie that were packed before, or null
};

// [q | k | v] from attn_q, attn_k, attn_v, or fused from attn_qkv; with biases where the file has them.
Result<Linear> ReadQkv(const WeightReader& layer, const Config& config);
Result<FeedForward> ReadDense(const WeightReader& layer, const Config& config);
Result<FeedForward> ReadMixture(const WeightReader& layer, const Config& config, Experts::Act act = Experts::Act::kSwiGlu);
// Dense, or a mixture where the metadata count experts and layer `l` is not one of the leading dense ones.
Result<FeedForward> ReadFeedForward(const WeightReader& layer, const Config& config, size_t l);
// rope_freqs.weight (llama3), or LongRoPE's rope_factors_long or _short by the context; empty where the file has neither.
Result<std::vector<float>> ReadRopeFactors(const LoadContext& context);

class Transformer : public Model {
 public:
  explicit Transformer(const LoadContext& context) : file_(context.file), packed_(context.packed), config_(context.config) {}
  const ModelInfo& info() const override { return info_; }
  std::unique_ptr<Scratch> MakeScratch(size_t max_rows, size_t max_logit_rows, size_t lanes) const override;
  void Forward(const Lane& lane, const Step& step, Scratch& scratch, KvView kv) const final;

 protected:
  // The family's layers: from a.x after the token table to a.x before the final norm.
  virtual void Layers(const Exec& e, const Step& step, KvView kv, Activations& a) const = 0;
  // Reads what is around the layers; called last, when all weights are counted. `final_norm`: that tensor's name.
  Status Finish(const LoadContext& context, const Widths& widths, std::string_view final_norm = "output_norm");

  // x += network(h), for SwiGLU networks; a.ff, a.act and a.router are overwritten.
  void AddFeedForward(const Exec& e, const FeedForward& ffn, const Router& router, const Activations& a) const;

  Widths AttentionWidths() const;  // qkv, att, and the feed-forward network's of config_

  Gguf file_;                           // keeps the mapping that the token table lies in
  std::shared_ptr<const void> packed_;  // keeps panels that matrices borrow
  Config config_;
  ModelInfo info_;

 private:
  Embedding table_;
  std::vector<float> final_norm_;
  Linear head_;
  Widths widths_;
};

template <class Family>
Result<std::unique_ptr<Model>> LoadAs(const LoadContext& context) {
  auto model = std::make_unique<Family>(context);
  TRY_OK(model->Load(context));
  return std::unique_ptr<Model>(std::move(model));
}

// The families. Each builds a Model from a file whose general.architecture is one of its names.
using LoadFamily = Result<std::unique_ptr<Model>>(const LoadContext&);
LoadFamily LoadLlama, LoadQwen2, LoadQwen3, LoadQwen35, LoadGemma2, LoadGemma3, LoadPhi3, LoadSmolLm3, LoadGranite, LoadLfm2,
    LoadGptOss;

}  // namespace hasten
