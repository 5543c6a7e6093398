// The arrays that a models/step.h Step points to, filled from requests without allocating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/step.h"

namespace hasten {

class StepPlan {
 public:
  struct Logits {
    size_t rows = 0;                           // the last ones
    std::span<const int32_t> candidates = {};  // the tokens whose logits are wanted; empty: all
  };
  void Reserve(size_t rows, size_t sequences, size_t logit_rows, size_t vocab);
  void Clear();
  // Rows for `tokens` that continue a sequence with `past` tokens.
  void Add(std::span<const int32_t> tokens, size_t past, std::span<const int32_t> blocks, float* state, const Logits& logits);
  // The last `rows` of the tokens just added want their final hidden state.
  void WantHidden(size_t rows);
  // After the last Add: whether the head is computed whole or in places.
  void ChooseHead();
  Step step() const;
  size_t rows() const { return tokens_.size(); }
  size_t logit_rows() const { return logit_rows_.size(); }
  size_t hidden_rows() const { return hidden_rows_.size(); }

 private:
  std::vector<int32_t> tokens_, positions_, logit_rows_, hidden_rows_;
  std::vector<SeqView> seqs_;
  size_t all_panels_ = 0;
  bool whole_head_ = false;
  std::vector<uint64_t> wanted_;  // a bit for each panel of the head; zero between steps
  std::vector<int32_t> head_panels_;
};

}  // namespace hasten
