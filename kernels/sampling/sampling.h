// Passes over the logits of a vocabulary, for choosing a token: largest values, sums of weights, partial selection.
//
// Shapes   any n from 0; arrays do not overlap, except that Narrow may write where it reads.
// Units    x = (logit - best) * sharpness, at most 0 for the best one; weight e^x with a relative error of 10^-7 (1 + |x|), 0
// below 2^-126. Errors   none. A logit that is not a number counts as minus infinity. Threads  pure. Bytes    sums are float,
// in an order fixed by n for a variant; selection keeps the order of its input. Source   written here. Selection by levels is a
// bucket select (Alabi et al. 2012) whose buckets are vector sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/variant.h"

namespace hasten {

// Candidates: x and weight of token ids.
struct CandidateArrays {
  int32_t* ids;
  float* x;
  float* weights;
};

struct SelectArgs {
  const float* logits;
  size_t n;
  int32_t first_id;  // of logits[0]
  float best, sharpness;
  float least;  // keeps x >= least
  int32_t* ids;
  float* x;
};

inline constexpr size_t kSampleLevels = 8;
inline constexpr size_t kSelectSlack =
    16;  // Select and Narrow may write so many elements behind the last that they keep, Weigh behind n

struct LevelArgs {
  const float* x;
  const float* weights;  // null: each counts 1
  size_t n;
  const float* levels;  // [kSampleLevels]
  float* mass;          // [kSampleLevels] weights of those with x >= level, together
};

struct NarrowArgs {
  CandidateArrays in;
  size_t n;
  float least, below;  // keeps least <= x < below
  CandidateArrays out;
};

struct SamplingKernels {
  float (*largest)(const float* logits, size_t n);  // -infinity for none
  // The weights of x >= least, together.
  float (*mass)(const float* logits, size_t n, float best, float sharpness, float least);
  float (*sum)(const float* weights, size_t n);
  size_t (*select)(const SelectArgs&);  // how many
  void (*weigh)(const float* x, size_t n, float* weights);
  void (*levels)(const LevelArgs&);
  size_t (*narrow)(const NarrowArgs&);  // how many
};
std::span<const Variant<const SamplingKernels>> SamplingVariants();

}  // namespace hasten
