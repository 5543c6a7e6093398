#include "engine/constraint/choice.h"

#include <algorithm>

namespace hasten {

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
  const auto mask = state_.Mask();
  masked_.assign(logits.begin(), logits.end());
  ApplyMask(mask, masked_);
  Token token = sampler_.Sample(masked_, text, text.size());
  const auto allowed = [&](Token t) { return size_t(t) / 64 < mask.size() && constraint::HasBit(mask, t); };
  if (!allowed(token)) {  // biases have taken away all that is allowed: the first of it
    for (token = 0; size_t(token) < logits.size() && !allowed(token);) ++token;
  }
  if (size_t(token) < logits.size() && state_.Accept(token)) return token;
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
