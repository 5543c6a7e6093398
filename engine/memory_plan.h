// How much memory an engine takes, decided before any is taken.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "kernels/attention/kv_block.h"
#include "models/model.h"

namespace hasten {

struct EngineOptions {
  size_t context = 0;       // tokens a sequence may hold; 0: as many as the model was trained for and memory allows
  size_t memory_bytes = 0;  // for keys, values and states; 0: half of what the machine has free
  KvType kv_type = KvType::kF16;
  size_t max_sequences = 1;                // open at once, branches included
  size_t max_rows = HASTEN_PREFILL_CHUNK;  // tokens of one forward pass; raised to max_sequences where that is more
  size_t max_logit_rows = 0;               // rows of logits of one pass; 0: max_sequences
  bool marks = false;                      // a second recurrent state a sequence, for Engine::Mark
  bool choose_lanes = false;               // as many lanes of the team as steps turn out to be worth; else all
  bool prefix_cache = true;                // keep what closed sequences held, for prompts that begin the same
};

struct MemoryPlan {
  size_t context = 0;
  size_t blocks = 0;       // of the KV cache, in all layers
  size_t block_bytes = 0;  // of one block of one layer
  size_t states = 0;       // recurrent ones that sequences have: their own, and where marks are kept another each
  size_t snapshots = 0;    // of recurrent states, besides those
};

// kBadInput for options that contradict each other, kExhausted where one sequence of `context` does not fit; both with numbers.
Result<MemoryPlan> PlanMemory(const ModelInfo& model, const EngineOptions& options);

}  // namespace hasten
