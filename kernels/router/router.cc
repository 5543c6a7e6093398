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

// Whether a score is chosen before another of a lower id: only when it is greater, or a number where the other is NaN.
static bool Before(float a, float b) { return a > b || (b != b && a == a); }

// The `used` greatest of score + bias: `ids` is kept sorted, best first, while experts pass in ascending order; then by id.
static void Choose(const RouteArgs& a, const float* score) {
  const auto value = [&](int32_t id) { return score[id] + (a.bias ? a.bias[id] : 0); };
  for (size_t id = 0, held = 0; id < a.experts; ++id) {
    if (held == a.used && !Before(value(int32_t(id)), value(a.ids[held - 1]))) continue;
    size_t at = held < a.used ? held++ : held - 1;
    for (; at > 0 && Before(value(int32_t(id)), value(a.ids[at - 1])); --at) a.ids[at] = a.ids[at - 1];
    a.ids[at] = int32_t(id);
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
