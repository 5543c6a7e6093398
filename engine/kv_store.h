// The bytes that sequences live in: KV blocks of all layers, and recurrent states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/pages.h"
#include "base/threads.h"
#include "engine/memory_plan.h"
#include "models/kv.h"
#include "models/model.h"

namespace hasten {

class KvStore {
 public:
  KvStore(const ModelInfo& model, KvType type, const MemoryPlan& plan)
      : layers_(model.kv_layers), pages_(model.kv_layers * plan.blocks * plan.block_bytes) {
    view_ = {.base = pages_.data(),
             .layer_bytes = plan.blocks * plan.block_bytes,
             .block_bytes = plan.block_bytes,
             .kv_heads = model.kv_heads,
             .head_width = model.head_width,
             .type = type};
  }
  KvView view() const { return view_; }
  void CopyBlock(int32_t from, int32_t to) const {
    for (size_t l = 0; l < layers_; ++l) std::memcpy(view_.Block(l, to), view_.Block(l, from), view_.block_bytes);
  }
  // A block of all layers as one run of bytes, and back.
  size_t block_bytes() const { return layers_ * view_.block_bytes; }
  void Gather(int32_t block, std::byte* to) const {
    for (size_t l = 0; l < layers_; ++l) std::memcpy(to + l * view_.block_bytes, view_.Block(l, block), view_.block_bytes);
  }
  void Scatter(const std::byte* from, int32_t block) const {
    for (size_t l = 0; l < layers_; ++l) std::memcpy(view_.Block(l, block), from + l * view_.block_bytes, view_.block_bytes);
  }
  size_t bytes() const { return pages_.size(); }

 private:
  size_t layers_;
  Pages pages_;
  KvView view_;
};

// Recurrent states by slot: those of sequences and of their marks, and behind them `snapshots` that the prefix tree's nodes
// may take.
class StateStore {
 public:
  StateStore(size_t floats, size_t states, size_t snapshots)
      : floats_(floats), snapshots_(snapshots), pages_(floats * sizeof(float) * (states + snapshots)) {
    for (size_t i = snapshots; i-- > 0;) free_.push_back(int32_t(states + i));
  }
  bool any() const { return floats_ > 0; }
  size_t bytes() const { return floats_ * sizeof(float); }  // of one
  float* at(size_t slot) const { return any() ? reinterpret_cast<float*>(pages_.data()) + slot * floats_ : nullptr; }
  void Copy(size_t from, size_t to) const {
    if (any() && from != to) std::memcpy(at(to), at(from), floats_ * sizeof(float));
  }
  void Clear(size_t slot) const {
    if (any()) std::memset(at(slot), 0, floats_ * sizeof(float));
  }
  int32_t TakeSnapshot() {  // -1 where none is free
    if (free_.empty()) return -1;
    const int32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void ReleaseSnapshot(int32_t slot) { free_.push_back(slot); }
  size_t snapshots() const { return snapshots_; }

 private:
  size_t floats_, snapshots_;
  Pages pages_;
  std::vector<int32_t> free_;
};

}  // namespace hasten
