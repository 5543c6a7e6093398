// Which experts a row of a mixture of experts uses, and with what weights.
//
// Shapes   logits [experts]; bias [experts] or nullptr; ids and weights [used], ascending ids; used <= experts.
// Units    logits; weights are what the experts' outputs are multiplied by.
// Errors   none. A NaN is never chosen while a number is left.
// Threads  pure; the caller splits rows.
// Bytes    ties go to the lowest id; sums over experts run in ascending order. One implementation for all variants.
// Source   Mixtral, Qwen3-MoE (softmax), DeepSeek-V3 and LFM2-MoE (sigmoid, bias for choosing), gpt-oss (softmax of chosen).
#pragma once

#include <cstddef>
#include <cstdint>

namespace hasten {

enum class RouterGate : uint8_t { kSoftmax, kSigmoid, kSoftmaxOfChosen };

struct RouteArgs {
  RouterGate gate;
  bool normalise;  // divide the chosen weights by their sum, taken as 2^-14 where it is less
  float scale;
  const float* logits;
  const float* bias;
  size_t experts, used;
  int32_t* ids;
  float* weights;
  float* scratch;  // experts floats
};
void Route(const RouteArgs& args);

}  // namespace hasten
