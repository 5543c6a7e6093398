// A model whose logits tell whether the engine kept its promises: they are a hash of every (position, token) that the KV
// blocks hold for a sequence, and of a recurrent state that has to have seen the same tokens in the same order.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "base/random.h"
#include "models/model.h"

namespace hasten {

struct FakeOptions {
  bool recurrent = false;
  size_t vocab = 17;
};

class FakeModel : public Model {
 public:
  explicit FakeModel(FakeOptions options) : options_(options) {
    info_.family = "fake";
    info_.layers = info_.kv_layers = 2;
    info_.vocab = options.vocab;
    info_.trained_context = 256;
    info_.kv_heads = 1;
    info_.head_width = 4;
    info_.state_floats = options.recurrent ? 2 : 0;
  }
  const ModelInfo& info() const override { return info_; }

  // What the logits of the last of `tokens` are, computed from nothing but the tokens.
  std::vector<float> Expected(std::span<const int32_t> tokens) const {
    uint64_t kv = 0;
    State state;
    for (size_t p = 0; p < tokens.size(); ++p) {
      for (size_t l = 0; l < info_.kv_layers; ++l) kv = Fold(kv, Cell(l, p, tokens[p]));
      state.Advance(tokens[p]);
    }
    return Logits(kv, options_.recurrent ? &state : nullptr);
  }

  std::unique_ptr<Scratch> MakeScratch(size_t max_rows, size_t max_logit_rows, size_t) const override {
    return std::make_unique<FakeScratch>(max_rows, max_logit_rows, options_.vocab);
  }

  void Forward(const Lane& lane, const Step& step, Scratch& scratch, KvView kv) const override {
    auto& out = static_cast<FakeScratch&>(scratch);
    const Range mine = lane.Share(step.seqs.size());  // lanes split sequences; what one writes another never reads
    for (size_t s = mine.begin; s < mine.end; ++s) RunSequence(step, step.seqs[s], out, kv);
    lane.Sync();
  }

 private:
  struct State {  // fits the two floats exactly: small integers
    float a = 0, b = 0;
    void Advance(int32_t token) {
      a = float((int(a) * 31 + token + 1) % 8191);
      b += 1;
    }
  };
  class FakeScratch : public Scratch {
   public:
    FakeScratch(size_t rows, size_t logit_rows, size_t vocab) : max_rows(rows), values(logit_rows * vocab), vocab_(vocab) {}
    Mat hidden() const override { return {}; }
    Mat logits() const override { return {const_cast<float*>(values.data()), values.size() / vocab_, vocab_, vocab_}; }
    size_t max_rows;
    std::vector<float> values;

   private:
    size_t vocab_;
  };

  static uint64_t Cell(size_t layer, size_t position, int32_t token) {
    return Mix64(layer * 1000003 + position * 131 + uint64_t(token));
  }
  static uint64_t Fold(uint64_t hash, uint64_t cell) { return Mix64(hash ^ cell); }
  static uint64_t* CellAt(const KvView& kv, const SeqView& seq, size_t layer, size_t position) {
    std::byte* block = kv.Block(layer, seq.blocks[position / kKvBlock]);
    return reinterpret_cast<uint64_t*>(block) + position % kKvBlock;
  }
  std::vector<float> Logits(uint64_t kv, const State* state) const {
    std::vector<float> row(options_.vocab);
    const uint64_t seed = state ? Mix64(kv ^ uint64_t(state->a) << 20 ^ uint64_t(state->b)) : kv;
    for (size_t i = 0; i < row.size(); ++i) row[i] = float(RandomUnit(seed, i));
    return row;
  }
  void RunSequence(const Step& step, const SeqView& seq, FakeScratch& out, const KvView& kv) const {
    for (size_t r = 0; r < seq.rows; ++r) {
      const size_t row = seq.first_row + r, position = size_t(step.positions[row]);
      for (size_t l = 0; l < info_.kv_layers; ++l) *CellAt(kv, seq, l, position) = Cell(l, position, step.tokens[row]);
      State state;
      if (options_.recurrent) {
        state = {seq.state[0], seq.state[1]};
        state.Advance(step.tokens[row]);
        seq.state[0] = state.a;
        seq.state[1] = state.b;
      }
      const auto wanted = std::ranges::find(step.logit_rows, int32_t(row));
      if (wanted == step.logit_rows.end()) continue;
      uint64_t hash = 0;
      for (size_t p = 0; p <= position; ++p)
        for (size_t l = 0; l < info_.kv_layers; ++l) hash = Fold(hash, *CellAt(kv, seq, l, p));
      const auto logits = Logits(hash, options_.recurrent ? &state : nullptr);
      std::ranges::copy(logits, out.values.begin() + (wanted - step.logit_rows.begin()) * ptrdiff_t(options_.vocab));
    }
  }

  FakeOptions options_;
  ModelInfo info_;
};

}  // namespace hasten
