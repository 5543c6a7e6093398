// The logits of a whole text in one forward pass in which every token sees every other: how bidirectional ("diffusion") models
// read. Nothing is kept: a text that changes anywhere is another text everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/threads.h"
#include "kernels/attention/kv_block.h"
#include "models/model.h"

namespace hasten {

struct WholeOptions {
  size_t context = 0;  // as EngineOptions have them
  size_t memory_bytes = 0;
  KvType kv_type = KvType::kF16;
};

// [tokens.size(), vocab]. Tokens are below the vocabulary's size. kBadInput for more tokens than the context, kExhausted
// where memory does not do, kUnsupported for models whose recurrent layers can only look back.
Result<std::vector<float>> ReadWhole(const Model& model, Team& team, std::span<const int32_t> tokens,
                                     const WholeOptions& options);

}  // namespace hasten
