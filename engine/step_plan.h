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
  void Reserve(size_t rows, size_t sequences, size_t logit_rows);
  void Clear();
  // Rows for `tokens` that continue a sequence with `past` tokens; the last `logits` of them want logits.
  void Add(std::span<const int32_t> tokens, size_t past, std::span<const int32_t> blocks, float* state, size_t logits);
  // The last `rows` of the tokens just added want their final hidden state.
  void WantHidden(size_t rows);
  Step step() const;
  size_t rows() const { return tokens_.size(); }
  size_t logit_rows() const { return logit_rows_.size(); }
  size_t hidden_rows() const { return hidden_rows_.size(); }

 private:
  std::vector<int32_t> tokens_, positions_, logit_rows_, hidden_rows_;
  std::vector<SeqView> seqs_;
};

}  // namespace hasten
