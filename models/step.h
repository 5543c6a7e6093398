// What a forward pass is given: new tokens of one or many sequences, and where their keys, values and states live.
// Declared here, filled by engine/: models know no sessions and no paging.
//
// Letters: T new tokens, B sequences, R rows whose logits are wanted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kernels/attention/kv_block.h"

namespace hasten {

// Of the output head so many neighbouring tokens' rows are computed together.
inline constexpr size_t kHeadPanel = 16;

struct SeqView {
  const int32_t* blocks;  // ids of its KV blocks; position p lies in blocks[p / kKvBlock]. Room for the new tokens is there.
  size_t past;            // tokens already in the cache; the first new token has this position
  size_t first_row;       // its new tokens are rows [first_row, first_row + rows) of the step
  size_t rows;
  float* state;  // recurrent state of this sequence (ModelInfo::state_floats), or nullptr
};

struct Step {
  std::span<const int32_t> tokens;      // [T] each below the vocabulary size
  std::span<const int32_t> positions;   // [T]
  std::span<const SeqView> seqs;        // [B] in row order, covering all rows
  std::span<const int32_t> logit_rows;  // [R] rows whose logits are wanted, ascending
  // Of these rows only the logits in these panels of the head are wanted (token / kHeadPanel, ascending, each once), where the
  // step says so: the others stand as they are. The same bytes as all of them would have.
  std::optional<std::span<const int32_t>> head_panels = {};
  bool bidirectional = false;                 // every row attends to every row of its sequence; past is 0 then
  std::span<const int32_t> hidden_rows = {};  // [S] rows whose final hidden state is wanted, ascending
};

}  // namespace hasten
