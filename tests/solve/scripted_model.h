// A language model that says what a function tells it to: it reads its own text back out of the KV blocks, asks the function
// what follows, and gives that token all the weight.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/model.h"
#include "tokenizer/tokenizer.h"

namespace hasten::solve {

class ScriptedModel : public Model {
 public:
  // What is written behind `text`, all of it to the end; only its first byte is taken each time. Empty: the end.
  using Script = std::function<std::string(const std::string& text)>;

  ScriptedModel(const Tokenizer& tokenizer, Script script, size_t context) : tokenizer_(tokenizer), script_(std::move(script)) {
    info_.family = "scripted";
    info_.layers = info_.kv_layers = 1;
    info_.vocab = tokenizer.size();
    info_.trained_context = context;
    info_.kv_heads = 1;
    info_.head_width = 8;
  }
  const ModelInfo& info() const override { return info_; }
  std::unique_ptr<Scratch> MakeScratch(size_t, size_t max_logit_rows, size_t) const override {
    return std::make_unique<Rows>(max_logit_rows, info_.vocab);
  }
  void Forward(const Lane& lane, const Step& step, Scratch& scratch, KvView kv) const override {
    auto& out = static_cast<Rows&>(scratch);
    const Range mine = lane.Share(step.seqs.size());
    for (size_t s = mine.begin; s < mine.end; ++s) Run(step, step.seqs[s], out, kv);
    lane.Sync();
  }

 private:
  class Rows : public Scratch {
   public:
    Rows(size_t rows, size_t vocab) : values(rows * vocab), vocab_(vocab) {}
    Mat logits() const override { return {const_cast<float*>(values.data()), values.size() / vocab_, vocab_, vocab_}; }
    Mat hidden() const override { return {}; }
    std::vector<float> values;

   private:
    size_t vocab_;
  };

  static int32_t* CellAt(const KvView& kv, const SeqView& seq, size_t position) {
    return reinterpret_cast<int32_t*>(kv.Block(0, seq.blocks[position / kKvBlock])) + position % kKvBlock;
  }
  void Run(const Step& step, const SeqView& seq, Rows& out, const KvView& kv) const {
    for (size_t r = 0; r < seq.rows; ++r) {
      const size_t row = seq.first_row + r, position = size_t(step.positions[row]);
      *CellAt(kv, seq, position) = step.tokens[row];
      const auto wanted = std::ranges::find(step.logit_rows, int32_t(row));
      if (wanted == step.logit_rows.end()) continue;
      std::vector<Token> tokens;
      for (size_t p = 0; p <= position; ++p) tokens.push_back(*CellAt(kv, seq, p));
      const std::string next = script_(tokenizer_.Decode(tokens));
      const Token token = next.empty() ? tokenizer_.eos() : tokenizer_.Encode(next.substr(0, 1), {})[0];
      float* const logits = out.values.data() + size_t(wanted - step.logit_rows.begin()) * info_.vocab;
      std::fill(logits, logits + info_.vocab, 0.0f);
      logits[token] = 50;
    }
  }

  const Tokenizer& tokenizer_;
  const Script script_;
  ModelInfo info_;
};

}  // namespace hasten::solve
