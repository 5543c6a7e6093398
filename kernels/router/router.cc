#include "kernels/router/router.h"

#include <algorithm>
#include <limits>

#include "kernels/math/math.h"

namespace hasten {

// Weights of n logits that add up to 1.
static void Softmax(const float* logits, size_t n, float* weights) {
  float peak = -std::numeric_limits<float>::infinity(), sum = 0;
  for (size_t i = 0; i < n; ++i) peak = std::max(peak, logits[i]);
  for (size_t i = 0; i < n; ++i) sum += weights[i] = ScalarExp(logits[i] - peak);
  for (size_t i = 0; i < n; ++i) weights[i] /= sum;
}

// The `used` greatest of score + bias, as ascending ids.
static void Choose(const RouteArgs& a, const float* score) {
  const auto value = [&](int32_t id) { return score[id] + (a.bias ? a.bias[id] : 0); };
  for (size_t chosen = 0; chosen < a.used; ++chosen) {
    int32_t best = -1;
    for (int32_t id = 0; id < int32_t(a.experts); ++id) {
      if (std::find(a.ids, a.ids + chosen, id) != a.ids + chosen) continue;
      if (best < 0 || value(id) > value(best) || (value(best) != value(best) && value(id) == value(id))) best = id;
    }
    a.ids[chosen] = best;
  }
  std::sort(a.ids, a.ids + a.used);
}

void Route(const RouteArgs& a) {
  const float* score = a.logits;
  if (a.gate == RouterGate::kSoftmax) {
    Softmax(a.logits, a.experts, a.scratch);
    score = a.scratch;
  } else if (a.gate == RouterGate::kSigmoid) {
    for (size_t i = 0; i < a.experts; ++i) a.scratch[i] = ScalarSigmoid(a.logits[i]);
    score = a.scratch;
  }
  Choose(a, score);
  for (size_t i = 0; i < a.used; ++i) a.weights[i] = score[a.ids[i]];
  if (a.gate == RouterGate::kSoftmaxOfChosen) Softmax(a.weights, a.used, a.weights);
  float divisor = 1;
  if (a.normalise) {
    float sum = 0;
    for (size_t i = 0; i < a.used; ++i) sum += a.weights[i];
    divisor = std::max(sum, 0x1p-14f);
  }
  for (size_t i = 0; i < a.used; ++i) a.weights[i] = a.weights[i] / divisor * a.scale;
}

}  // namespace hasten
