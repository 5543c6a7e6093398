// Model files of random weights in a given shape: for measuring, testing and fuzzing without anybody's weights.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "convert/mix.h"
#include "convert/shapes.h"

namespace hasten {

struct SynthOptions {
  Shape shape;
  Mix mix;                                       // tensor types, as quantising a real model of this shape chooses them
  bool pure = false;                             // one type for all matrices
  std::vector<std::string> control_tokens = {};  // the last ids of the vocabulary, such as "<|fim_prefix|>"
  std::string chat_template = {};                // Jinja; empty: none
  uint64_t seed = 1;  // the same seed, shape and mix give the same bytes; another mix quantises the same weights
  std::function<void(double done)> progress = {};  // 0 to 1
};

// Writes the model to `file` and commits it. Weights have mean 0 and variance 1 / columns and norms are about 1, so that
// activations keep their size from layer to layer and logits have a variance of about 1. Tensors are streamed: memory stays
// at tens of megabytes. kBadInput: see CheckShape.
Status Synthesise(const SynthOptions& options, FileWriter file);

}  // namespace hasten
