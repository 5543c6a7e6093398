// Chooses the tokens of one text under a constraint, for engine/writer.h.
//
// Tokens that are forced are a function of the constraint and the tokenizer alone: Choose returns them without a look at the
// logits, and Forced hands them out beforehand, so that the model need not be run for them. The text is the same either way.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include "engine/constraint/constraint.h"
#include "engine/sampler.h"

namespace hasten {

// A token of `mask` [vocabulary bits], chosen from the logits of what it allows alone: the others may not have been computed.
// Where biases have taken away all that is allowed, the first of it; where nothing is allowed, a token that is not. `masked` is
// scratch.
Token SampleAllowed(Sampler& sampler, std::span<const uint64_t> mask, std::span<const float> logits,
                    std::span<const int32_t> text, std::vector<float>& masked);

class ConstrainedChoice {
 public:
  ConstrainedChoice(std::shared_ptr<Constraint> constraint, SamplerOptions options);

  // The token behind `text`. Where nothing is allowed, which only an exhausted constraint brings about, a token that ends the
  // text: see status().
  Token Choose(std::span<const float> logits, std::span<const int32_t> text);
  // The tokens that have to follow now, which Choose will not return any more.
  std::vector<Token> Forced();
  // The tokens that the next Choose will look at, where there are at most `most`; else none: it looks at all.
  std::span<const Token> Candidates(size_t most);
  const Status& status() const { return status_; }

 private:
  void Refill();
  ConstraintState state_;
  Sampler sampler_;
  std::deque<Token> queue_;
  std::vector<float> masked_;
  std::vector<Token> candidates_;
  Status status_;
};

}  // namespace hasten
