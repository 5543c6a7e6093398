#include "engine/step_plan.h"

#include <bit>
#include <utility>

namespace hasten {

void StepPlan::Reserve(size_t rows, size_t sequences, size_t logit_rows, size_t vocab) {
  all_panels_ = (vocab + kHeadPanel - 1) / kHeadPanel;
  wanted_.assign((all_panels_ + 63) / 64, 0);
  head_panels_.reserve(all_panels_);
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
  whole_head_ = false;
}

void StepPlan::Add(std::span<const int32_t> tokens, size_t past, std::span<const int32_t> blocks, float* state,
                   const Logits& logits) {
  const size_t first = tokens_.size();
  seqs_.push_back({.blocks = blocks.data(), .past = past, .first_row = first, .rows = tokens.size(), .state = state});
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  for (size_t i = 0; i < tokens.size(); ++i) positions_.push_back(int32_t(past + i));
  for (size_t i = tokens.size() - logits.rows; i < tokens.size(); ++i) logit_rows_.push_back(int32_t(first + i));
  if (logits.rows == 0) return;
  whole_head_ |= logits.candidates.empty();
  for (const int32_t t : logits.candidates)
    wanted_[size_t(t) / kHeadPanel / 64] |= uint64_t{1} << (size_t(t) / kHeadPanel % 64);
}

// Where most panels are wanted, all of them cost as much.
void StepPlan::ChooseHead() {
  head_panels_.clear();
  for (size_t i = 0; i < wanted_.size(); ++i)
    for (uint64_t word = std::exchange(wanted_[i], 0); word != 0; word &= word - 1)
      head_panels_.push_back(int32_t(64 * i) + std::countr_zero(word));
  whole_head_ |= 2 * head_panels_.size() > all_panels_;
}

void StepPlan::WantHidden(size_t rows) {
  for (size_t i = tokens_.size() - rows; i < tokens_.size(); ++i) hidden_rows_.push_back(int32_t(i));
}

Step StepPlan::step() const {
  Step step = {
      .tokens = tokens_, .positions = positions_, .seqs = seqs_, .logit_rows = logit_rows_, .hidden_rows = hidden_rows_};
  if (!whole_head_ && !logit_rows_.empty()) step.head_panels = head_panels_;
  return step;
}

}  // namespace hasten
