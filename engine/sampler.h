// From logits to the next token.
//
// In this order: penalties and biases change logits; temperature divides them; min-p, then top-k, then top-p drop tokens,
// each judging what the ones before left; one of the rest is drawn in proportion to its probability. Temperature 0 takes the
// largest logit, of equal ones the lowest id.
//
// The random number is a function of (seed, position), so a draw depends on nothing else: not on batches, nor on what was
// drawn before. A token whose probability is below e^-45 of the best one's is never drawn. NaN counts as minus infinity.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace hasten {

struct LogitBias {
  int32_t token;
  float bias;  // added to the logit; -infinity forbids the token
};

struct SamplerOptions {
  float temperature = 0.8f;      // 0: greedy
  size_t top_k = 40;             // 0: all
  float top_p = 0.95f;           // 1: all
  float min_p = 0.05f;           // as a share of the best token's probability; 0: all
  float repetition_penalty = 1;  // divides positive and multiplies negative logits of tokens seen lately; 1: none
  float presence_penalty = 0;    // subtracted once from tokens seen lately
  float frequency_penalty = 0;   // subtracted for each time seen
  size_t penalty_window = 64;    // how many of the last tokens count as seen lately
  std::vector<LogitBias> biases = {};
  uint64_t seed = 0;
};

// kBadInput naming the option, its value and what it may be.
Status CheckSampler(const SamplerOptions& options, size_t vocab);

// One per sequence. Work memory grows to the vocabulary's size at the first draw that needs it.
class Sampler {
 public:
  explicit Sampler(SamplerOptions options) : options_(std::move(options)) {}
  // The token at `position` of a sequence whose tokens so far end with `recent`: the last penalty_window are looked at.
  int32_t Sample(std::span<const float> logits, std::span<const int32_t> recent, uint64_t position);
  const SamplerOptions& options() const { return options_; }

 private:
  struct Candidate {
    float x;       // (logit - best logit) / temperature, at most 0
    float weight;  // e^x
    int32_t id;
  };
  bool Adjusts() const;
  std::span<const float> Adjust(std::span<const float> logits, std::span<const int32_t> recent);
  float ReachedBy(size_t k, std::span<const float> logits);
  void Gather(std::span<const float> logits, float best);
  void KeepTop(bool by_probability, double share);
  int32_t Draw(double unit);

  SamplerOptions options_;
  std::vector<float> adjusted_, maxima_;
  std::vector<int32_t> seen_;
  std::vector<Candidate> candidates_;  // in ascending order of id
  std::vector<Candidate> edge_;        // the bin in which a cut falls
};

// Index of the largest value, of equal ones the first; 0 where all are NaN or there is none.
int32_t ArgMax(std::span<const float> values);

}  // namespace hasten
