// How likely the model thought a token: natural logarithms of the probabilities that its logits stand for, before penalties,
// biases, temperature and cuts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasten {

struct TokenLogprob {
  int32_t token;
  float logprob;
};

struct Logprobs {
  TokenLogprob chosen;
  std::vector<TokenLogprob> top;  // likeliest first, of equal ones the lowest id
};

// `top` is at most the vocabulary's size.
Logprobs LogprobsOf(std::span<const float> logits, int32_t chosen, size_t top);

}  // namespace hasten
