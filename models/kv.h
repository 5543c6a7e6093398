// The keys and values of all layers as a forward pass sees them: blocks of kKvBlock positions, found by id.
// Layout inside a block: kernels/attention/kv_block.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/attention/kv_block.h"

namespace hasten {

struct KvView {
  std::byte* base = nullptr;
  size_t layer_bytes = 0;  // from one layer's first block to the next layer's
  size_t block_bytes = 0;  // of one layer
  size_t kv_heads = 0, head_width = 0;
  KvType type = KvType::kF16;
  std::byte* Block(size_t layer, int32_t id) const { return base + layer * layer_bytes + size_t(id) * block_bytes; }
};

}  // namespace hasten
