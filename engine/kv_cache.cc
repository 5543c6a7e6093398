#include "engine/kv_cache.h"

namespace hasten {

KvCache::KvCache(const ModelInfo& model, const EngineOptions& options, const MemoryPlan& plan)
    : enabled_(options.prefix_cache),
      pool_(plan.blocks),
      tree_(plan.blocks, kKvBlock),
      store_(model, options.kv_type, plan),
      states_(model.state_floats, plan.states, plan.snapshots),
      snapshot_(plan.blocks, -1) {}

size_t KvCache::Peek(std::span<const int32_t> tokens) const {
  size_t blocks = 0;
  VisitPrefix(tokens, [&](int32_t node, size_t depth) {
    if (!states_.any() || HasSnapshot(node)) blocks = depth;
  });
  return blocks * kKvBlock;
}

size_t KvCache::Match(std::span<const int32_t> tokens, std::vector<int32_t>& table, size_t slot) {
  const size_t covered = Peek(tokens);
  VisitPrefix(tokens.first(covered), [&](int32_t node, size_t) {
    pool_.Share(node);
    table.push_back(node);
  });
  states_.Clear(slot);
  if (covered == 0) return 0;
  tree_.Touch(table.back());
  if (states_.any()) states_.Copy(snapshot_[table.back()], slot);
  return covered;
}

int32_t KvCache::Take() {
  if (pool_.free() == 0) {
    // Whoever holds a block holds its ancestors too, so the first that only the tree holds has no child left.
    int32_t node = tree_.Oldest();
    while (node != PrefixTree::kNone && pool_.holders(node) > 1) node = tree_.NextNewer(node);
    if (node == PrefixTree::kNone) return -1;
    Evict(node);
  }
  return pool_.Take();
}

void KvCache::Evict(int32_t leaf) {
  DropSnapshot(leaf);
  tree_.Remove(leaf);
  pool_.SetInTree(leaf, false);
  pool_.Release(leaf);
}

void KvCache::Publish(std::vector<int32_t>& table, size_t i, std::span<const int32_t> tokens) {
  if (!enabled_) return;
  const int32_t parent = i == 0 ? PrefixTree::kRoot : table[i - 1];
  const int32_t own = table[i];
  const int32_t known = tree_.Find(parent, tokens);
  if (known == own) return;
  if (known != PrefixTree::kNone) {
    pool_.Share(known);
    pool_.Release(own);
    table[i] = known;
    tree_.Touch(known);
    return;
  }
  tree_.Insert(parent, tokens, own);
  pool_.Share(own);
  pool_.SetInTree(own, true);
}

bool KvCache::Snapshot(int32_t node, size_t slot) {
  if (!KeepsSnapshots() || !tree_.Contains(node)) return false;
  if (!HasSnapshot(node)) {
    int32_t taken = states_.TakeSnapshot();
    for (int32_t n = tree_.Oldest(); taken < 0 && n != PrefixTree::kNone; n = tree_.NextNewer(n)) {
      if (!HasSnapshot(n)) continue;
      DropSnapshot(n);
      taken = states_.TakeSnapshot();
    }
    if (taken < 0) return false;
    snapshot_[node] = taken;
  }
  states_.Copy(slot, snapshot_[node]);
  return true;
}

void KvCache::DropSnapshot(int32_t node) {
  if (!HasSnapshot(node)) return;
  states_.ReleaseSnapshot(snapshot_[node]);
  snapshot_[node] = -1;
}

size_t KvCache::Rewind(std::span<const int32_t> table, size_t tokens, size_t slot) {
  if (!states_.any()) return tokens;
  for (size_t blocks = tokens / kKvBlock; blocks > 0; --blocks) {
    const int32_t node = table[blocks - 1];
    if (!tree_.Contains(node) || !HasSnapshot(node)) continue;
    states_.Copy(snapshot_[node], slot);
    return blocks * kKvBlock;
  }
  states_.Clear(slot);
  return 0;
}

void KvCache::Clear() {
  for (int32_t node = tree_.Oldest(); node != PrefixTree::kNone;) {  // children come before their parents
    const int32_t next = tree_.NextNewer(node);
    if (pool_.holders(node) == 1) Evict(node);
    node = next;
  }
}

Status KvCache::Check(std::span<const std::span<const int32_t>> tables) const {
  std::vector<uint32_t> holders(pool_.count());
  for (const auto table : tables)
    for (const int32_t id : table) ++holders[id];
  size_t free = 0, nodes = 0, only_in_tree = 0;
  for (size_t id = 0; id < holders.size(); ++id) {
    const bool in_tree = tree_.Contains(int32_t(id));
    only_in_tree += in_tree && holders[id] == 0;
    holders[id] += in_tree;
    nodes += in_tree;
    free += holders[id] == 0;
    if (holders[id] != pool_.holders(int32_t(id)) || in_tree != pool_.in_tree(int32_t(id))) {
      return Error{Code::kBug,
                   Fmt("KV block %zu has %u holders and the pool counts %u", id, holders[id], pool_.holders(int32_t(id)))};
    }
    if (HasSnapshot(int32_t(id)) && !in_tree) return Error{Code::kBug, Fmt("block %zu has a snapshot but no node", id)};
    if (!in_tree) continue;
    const int32_t parent = tree_.Parent(int32_t(id));
    if (parent != PrefixTree::kRoot && (!tree_.Contains(parent) || pool_.holders(parent) < pool_.holders(int32_t(id)))) {
      return Error{Code::kBug, Fmt("the prefix tree's block %zu outlives its parent %d", id, parent)};
    }
  }
  if (free != pool_.free() || nodes != tree_.size() || only_in_tree != pool_.only_in_tree()) {
    return Error{Code::kBug,
                 Fmt("of %zu KV blocks %zu are free, %zu in the tree, %zu there alone; the pool counts %zu, %zu and %zu",
                     holders.size(), free, nodes, only_in_tree, pool_.free(), tree_.size(), pool_.only_in_tree())};
  }
  return {};
}

}  // namespace hasten
