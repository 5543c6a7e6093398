// The shapes of known models, and any other: what `hasten synth` fills with random weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hasten {

struct Shape {
  std::string name = {};    // "qwen3-0.6b"
  std::string family = {};  // of SynthFamilies()
  size_t layers = 0, width = 0;
  size_t heads = 0, kv_heads = 0, head_width = 0;
  size_t ffn = 0;  // F of a dense layer
  size_t vocab = 0, context = 0;
  bool tied = true;  // the output head is the token table
  double rope_base = 10000, eps = 1e-5;
  double rope_factor = 0;                                // Llama 3's frequency factors, 0: none
  size_t experts = 0, experts_used = 0, expert_ffn = 0;  // mixture of experts
  std::vector<size_t> attention_layers = {};             // lfm2: the others are convolutions
  size_t conv_width = 0;                                 // lfm2: inputs that a convolution sees
  bool HasAttention(size_t layer) const;
};

std::span<const Shape> Shapes();
const Shape* FindShape(std::string_view name);  // nullptr where unknown

std::span<const std::string_view> SynthFamilies();

// Fills in what a shape leaves open (0 or empty) from its layers and width.
void CompleteShape(Shape& shape);

// kBadInput with the numbers where no model can have this shape, or where it is beyond all reason.
Status CheckShape(const Shape& shape);

}  // namespace hasten
