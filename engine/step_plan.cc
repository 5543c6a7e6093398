#include "engine/step_plan.h"

namespace hasten {

void StepPlan::Reserve(size_t rows, size_t sequences, size_t logit_rows) {
  tokens_.reserve(rows);
  positions_.reserve(rows);
  seqs_.reserve(sequences);
  logit_rows_.reserve(logit_rows);
}

void StepPlan::Clear() {
  tokens_.clear();
  positions_.clear();
  seqs_.clear();
  logit_rows_.clear();
  hidden_rows_.clear();
}

void StepPlan::Add(std::span<const int32_t> tokens, size_t past, std::span<const int32_t> blocks, float* state, size_t logits) {
  const size_t first = tokens_.size();
  seqs_.push_back({.blocks = blocks.data(), .past = past, .first_row = first, .rows = tokens.size(), .state = state});
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  for (size_t i = 0; i < tokens.size(); ++i) positions_.push_back(int32_t(past + i));
  for (size_t i = tokens.size() - logits; i < tokens.size(); ++i) logit_rows_.push_back(int32_t(first + i));
}

void StepPlan::WantHidden(size_t rows) {
  for (size_t i = tokens_.size() - rows; i < tokens_.size(); ++i) hidden_rows_.push_back(int32_t(i));
}

Step StepPlan::step() const {
  return {.tokens = tokens_, .positions = positions_, .seqs = seqs_, .logit_rows = logit_rows_, .hidden_rows = hidden_rows_};
}

}  // namespace hasten
