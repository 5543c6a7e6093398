#include "engine/logprobs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hasten {

// Log of the sum of e^logit, in double precision: a vocabulary of 250,000 small terms would lose digits in single.
static double LogSum(std::span<const float> logits) {
  const double best = double(*std::ranges::max_element(logits));
  double sum = 0;
  for (const float x : logits) sum += std::exp(double(x) - best);
  return best + std::log(sum);
}

Logprobs LogprobsOf(std::span<const float> logits, int32_t chosen, size_t top) {
  const double whole = LogSum(logits);
  const auto of = [&](int32_t t) { return TokenLogprob{t, float(double(logits[t]) - whole)}; };
  Logprobs result = {.chosen = of(chosen), .top = {}};
  if (top == 0) return result;
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto likelier = [&](int32_t a, int32_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; };
  std::ranges::partial_sort(ids, ids.begin() + ptrdiff_t(top), likelier);
  for (size_t i = 0; i < top; ++i) result.top.push_back(of(ids[i]));
  return result;
}

}  // namespace hasten
