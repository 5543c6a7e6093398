#include "engine/constraint/choice.h"

#include <algorithm>

namespace hasten {

Token SampleAllowed(Sampler& sampler, std::span<const uint64_t> mask, std::span<const float> logits,
                    std::span<const int32_t> text, std::vector<float>& masked) {
  masked.assign(logits.begin(), logits.end());
  ApplyMask(mask, masked);
  const auto allowed = [&](Token t) { return size_t(t) / 64 < mask.size() && constraint::HasBit(mask, t); };
  const Token token = sampler.Sample(masked, text, text.size());
  if (allowed(token)) return token;
  for (Token t = 0; size_t(t) < logits.size(); ++t)
    if (allowed(t)) return t;
  return token;
}

ConstrainedChoice::ConstrainedChoice(std::shared_ptr<Constraint> constraint, SamplerOptions options)
    : state_(std::move(constraint)), sampler_(std::move(options)) {}

void ConstrainedChoice::Refill() {
  if (!queue_.empty()) return;
  for (const Token t : state_.ForcedTokens()) {
    if (!state_.Accept(t)) return;
    queue_.push_back(t);
  }
}

Token ConstrainedChoice::Choose(std::span<const float> logits, std::span<const int32_t> text) {
  Refill();
  if (!queue_.empty()) {
    const Token t = queue_.front();
    queue_.pop_front();
    return t;
  }
  const Token token = SampleAllowed(sampler_, state_.Mask(), logits, text, masked_);
  if (state_.Accept(token)) return token;
  status_ = state_.Check();
  if (status_) status_ = Error{Code::kBug, "the constraint allows no token at all"};
  const auto ends = state_.constraint().vocab().trie().ends();
  return ends.empty() ? 0 : ends[0];
}

std::span<const Token> ConstrainedChoice::Candidates(size_t most) {
  Refill();
  if (!queue_.empty() || !FewAllowed(state_.Mask(), most, candidates_)) return {};
  return candidates_;
}

std::vector<Token> ConstrainedChoice::Forced() {
  Refill();
  std::vector<Token> tokens(queue_.begin(), queue_.end());
  queue_.clear();
  return tokens;
}

}  // namespace hasten
