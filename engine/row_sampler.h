// Chooses the next token of many sequences at once, each lane its share of them. A choice depends on nothing but its own
// sequence, so that lanes and neighbours change no byte.
#pragma once

#include <vector>

#include "base/threads.h"
#include "engine/sampler.h"

namespace hasten {

struct SampleRequest {
  const Sampler* sampler;
  std::span<const float> logits;
  std::span<const int32_t> recent;  // the sequence's tokens so far
  uint64_t position;
};

class RowSampler {
 public:
  explicit RowSampler(Team& team) : team_(team), work_(team.size()) {}  // the team is borrowed
  void Sample(std::span<const SampleRequest> requests, std::span<int32_t> chosen);

 private:
  Team& team_;
  std::vector<SamplerWork> work_;  // by lane
};

}  // namespace hasten
