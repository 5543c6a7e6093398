// From logits to the next token.
//
// In this order: penalties and biases change logits; temperature divides them; min-p, then top-k, then top-p drop tokens,
// each judging what the ones before left; one of the rest is drawn in proportion to its probability. Temperature 0 takes the
// largest logit, of equal ones the lowest id.
//
// A draw takes tokens in ascending order of id: the first whose cumulative weight exceeds the random number times the weight of
// all. Where there is a top-k, it is made once, from what is left. Else it is made from what min-p leaves, and again from all
// better tokens as long as these weigh top-p or more: the fewest best that reach top-p are never looked for, and drawn from in
// proportion. The numbers are a function of (seed, position), so a token depends on nothing else: not on batches, nor on what
// was drawn before. A token whose probability is below e^-45 of the best one's is never drawn. NaN counts as minus infinity.
// Sums are rounded: a random number within 10^-5 of a token's border may give its neighbour.
//
// What it costs is passes over the vocabulary: one for the largest logit of each block of 512, and that is all for greedy and
// top-k, which look into the few blocks that reach far enough. Without top-k another one adds up weights, in blocks that reach
// min-p, and a draw looks into the one block in which it falls; top-p takes a pass for each draw.
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

// Memory for choosing, a few times the vocabulary; grows at the first use that needs it. One a thread is enough.
class SamplerWork {
 private:
  friend class Sampler;
  struct Candidates {
    std::vector<int32_t> ids;
    std::vector<float> x, weights;  // x = (logit - best) / temperature, weight e^x
    void Reserve(size_t count);
  };
  std::span<const float> logits_;
  std::vector<int32_t> patch_of_;  // by block: its copy with penalties and biases, or -1
  std::vector<int32_t> patched_;   // blocks that have one
  std::vector<float> patches_;     // [patched, block]
  std::vector<float> maxima_;      // by block
  std::vector<double> masses_;     // by block: the weights of what may be drawn, together
  std::vector<float> sorted_;      // maxima, partly
  std::vector<int32_t> seen_, order_;
  Candidates all_, edge_;  // in ascending order of id
};

// Parts the better tokens from the rest: better are a larger x, and as large a one with a lower id.
struct Bound {
  float x;
  int32_t id;
};

// One per sequence.
class Sampler {
 public:
  explicit Sampler(SamplerOptions options) : options_(std::move(options)) {}
  // The token at `position` of a sequence whose tokens so far end with `recent`: the last penalty_window are looked at.
  int32_t Sample(std::span<const float> logits, std::span<const int32_t> recent, uint64_t position, SamplerWork& work) const;
  int32_t Sample(std::span<const float> logits, std::span<const int32_t> recent, uint64_t position) {
    return Sample(logits, recent, position, own_);
  }
  const SamplerOptions& options() const { return options_; }

 private:
  void Adjust(std::span<const int32_t> recent, SamplerWork& work) const;
  double WeighBetter(float best, const Bound& bound, SamplerWork& work) const;
  Bound DrawBetter(float best, const Bound& bound, double whole, double unit, SamplerWork& work) const;
  int32_t DrawFromTopP(float best, uint64_t position, SamplerWork& work) const;
  float LeastNeeded(float best, SamplerWork& work) const;
  size_t Collect(float best, float least, SamplerWork& work) const;

  SamplerOptions options_;
  SamplerWork own_;
};

// Index of the largest value, of equal ones the first; 0 where all are NaN or there is none.
int32_t ArgMax(std::span<const float> values);

}  // namespace hasten
