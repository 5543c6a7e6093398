// Blocks, the prefix tree over them and the snapshots of recurrent states at their ends, kept consistent with each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/block_pool.h"
#include "engine/kv_store.h"
#include "engine/prefix_tree.h"

namespace hasten {

class KvCache {
 public:
  KvCache(const ModelInfo& model, const EngineOptions& options, const MemoryPlan& plan);

  // The longest cached prefix of `tokens`, its last block perhaps in part (for recurrent models: in whole blocks, and one that
  // ends at a snapshot). Its blocks are shared into `table`, and the state after them is copied to `slot`. Returns the tokens
  // covered. Whoever writes to a block that he has in part gets a copy of it first, as of any that is shared.
  size_t Match(std::span<const int32_t> tokens, std::vector<int32_t>& table, size_t slot, bool parts = true);
  // Calls visit(node, depth in blocks) for each cached block along `tokens`.
  template <class Visit>
  void VisitPrefix(std::span<const int32_t> tokens, Visit visit) const {
    int32_t node = PrefixTree::kRoot;
    for (size_t depth = 1; depth * kKvBlock <= tokens.size(); ++depth) {
      node = tree_.Find(node, tokens.subspan((depth - 1) * kKvBlock, kKvBlock));
      if (node == PrefixTree::kNone) return;
      visit(node, depth);
    }
  }
  // How many tokens Match would cover.
  size_t Peek(std::span<const int32_t> tokens, bool parts = true) const;

  // A block with one holder; evicts what was least recently used where none is free. -1 where all are in use.
  int32_t Take();

  // Block i of `table` is full and holds `tokens`: from now on others find it. Where the tree already has such a block, the
  // table takes that one and gives its own back: both hold the same bytes (docs/determinism.md).
  void Publish(std::vector<int32_t>& table, size_t i, std::span<const int32_t> tokens);

  // The last block of `table` holds `tokens`, fewer than fit, and its sequence is about to close: others find it as a tail.
  void PublishTail(std::span<const int32_t> table, std::span<const int32_t> tokens);

  // Keeps a copy of the state in `slot` as the one after published block `node`; takes the place of the least recently used
  // snapshot where none is free. False where there is no memory for snapshots at all.
  bool Snapshot(int32_t node, size_t slot);
  void DropSnapshot(int32_t node);
  bool KeepsSnapshots() const { return enabled_ && states_.any() && states_.snapshots() > 0; }
  bool HasSnapshot(int32_t node) const { return snapshot_[node] >= 0; }
  std::span<const std::byte> SnapshotBytes(int32_t node) const {  // empty where it has none
    if (!HasSnapshot(node)) return {};
    return {reinterpret_cast<const std::byte*>(states_.at(size_t(snapshot_[node]))), states_.bytes()};
  }

  // The largest number of tokens, at most `tokens`, to which a sequence with these blocks can return; copies the state
  // there to `slot`. Without recurrent state that is `tokens` itself.
  size_t Rewind(std::span<const int32_t> table, size_t tokens, size_t slot);

  void Clear();  // forgets the prefixes that no open sequence holds

  // Whether all blocks are accounted for: free, or held by exactly the tree and these tables. kBug names the first that is not.
  Status Check(std::span<const std::span<const int32_t>> tables) const;

  BlockPool& pool() { return pool_; }
  const BlockPool& pool() const { return pool_; }
  const KvStore& store() const { return store_; }
  const StateStore& states() const { return states_; }

 private:
  // Of `tokens`, of which `covered` are found in whole blocks, the node that has most of the next block; kNone for recurrent
  // models, whose state is known at a block's end at the most.
  PrefixTree::Part NextPart(std::span<const int32_t> tokens, size_t covered) const;
  void Add(int32_t parent, std::span<const int32_t> tokens, int32_t block);
  void Evict(int32_t leaf);

  const bool enabled_;
  BlockPool pool_;
  PrefixTree tree_;
  KvStore store_;
  StateStore states_;
  std::vector<int32_t> snapshot_;  // by node: its slot, or -1
};

}  // namespace hasten
