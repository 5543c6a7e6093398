// The token table: rows stay in the model file's mapping and are dequantised when a token needs one. A model with an output
// head of its own would otherwise hold a table that it reads one row a token of; a tied one already holds it packed as head.
#pragma once

#include <cstddef>

#include "base/tensor_type.h"

namespace hasten {

struct Embedding {
  TensorType type = TensorType::kF32;
  const std::byte* rows = nullptr;  // [vocab] rows of row_bytes; lives as long as the model's Gguf
  size_t row_bytes = 0, width = 0, vocab = 0;
};

}  // namespace hasten
