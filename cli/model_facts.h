// What a model file says of itself, gathered without loading it: for `hasten inspect`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/gguf.h"

namespace hasten {

struct TypeShare {
  TensorType type{};  // FindTensorType does not know those that hasten does not read
  size_t tensors = 0;
  uint64_t weights = 0, bytes = 0;
};

struct SpecialToken {
  std::string role;  // "bos"
  uint64_t id = 0;
  std::string text;  // as in the vocabulary
};

// Numbers are lists: one entry for all layers, or one for each where layers differ; empty where the file does not say.
// Texts are empty where it does not say, and may hold any bytes.
struct ModelFacts {
  using Numbers = std::vector<uint64_t>;
  std::string family, name, mix;
  uint64_t parameters = 0, active_parameters = 0, tensor_bytes = 0;
  std::vector<TypeShare> types;  // those with the most weights first
  Numbers layers, width, heads, kv_heads, head_width, ffn, context, vocab, window;
  Numbers experts, experts_used, expert_ffn;
  double rope_base = 0;                  // 0: the file does not say
  std::string rope_scaling;              // "yarn"
  double rope_factor = 0;                // 0: the file does not say
  Numbers rope_original_context;         // tokens
  bool rope_factors = false;             // a tensor of factors, as Llama 3 has it
  std::string tokenizer, pre_tokenizer;  // "gpt2", "qwen2"
  size_t tokens = 0, merges = 0;
  std::vector<SpecialToken> special;
  size_t chat_template_bytes = 0;
  std::vector<std::string> not_supported;  // sentences: what keeps hasten from running this file
  std::vector<std::string> damaged;        // sentences: keys whose values are of a wrong type
};

ModelFacts FactsOf(const Gguf& file);

}  // namespace hasten
