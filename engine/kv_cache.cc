#include "engine/kv_cache.h"

#include <algorithm>

namespace hasten {

KvCache::KvCache(const ModelInfo& model, const EngineOptions& options, const MemoryPlan& plan)
    : enabled_(options.prefix_cache),
      pool_(plan.blocks),
      tree_(plan.blocks, kKvBlock),
      store_(model, options.kv_type, plan),
      states_(model.state_floats, plan.states, plan.snapshots),
      snapshot_(plan.blocks, -1) {}

PrefixTree::Part KvCache::NextPart(std::span<const int32_t> tokens, size_t covered) const {
  if (states_.any()) return {};
  int32_t last = PrefixTree::kRoot;
  VisitPrefix(tokens.first(covered), [&](int32_t node, size_t) { last = node; });
  const auto rest = tokens.subspan(covered);
  return tree_.FindPart(last, rest.first(std::min(rest.size(), kKvBlock)));
}

size_t KvCache::Peek(std::span<const int32_t> tokens, bool parts) const {
  size_t blocks = 0;
  VisitPrefix(tokens, [&](int32_t node, size_t depth) {
    if (!states_.any() || HasSnapshot(node)) blocks = depth;
  });
  return blocks * kKvBlock + (parts ? NextPart(tokens, blocks * kKvBlock).tokens : 0);
}

size_t KvCache::Match(std::span<const int32_t> tokens, std::vector<int32_t>& table, size_t slot, bool parts) {
  const size_t covered = Peek(tokens, false);
  VisitPrefix(tokens.first(covered), [&](int32_t node, size_t) {
    pool_.Share(node);
    table.push_back(node);
  });
  states_.Clear(slot);
  const PrefixTree::Part part = parts ? NextPart(tokens, covered) : PrefixTree::Part();
  if (part.node != PrefixTree::kNone) {
    pool_.Share(part.node);
    table.push_back(part.node);
  }
  if (table.empty()) return 0;
  tree_.Touch(table.back());
  if (states_.any()) states_.Copy(snapshot_[table.back()], slot);
  return covered + part.tokens;
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
  Add(parent, tokens, own);
}

void KvCache::PublishTail(std::span<const int32_t> table, std::span<const int32_t> tokens) {
  // One that others hold would cost them a copy where they go on writing to it.
  if (!enabled_ || states_.any() || tree_.Contains(table.back()) || pool_.holders(table.back()) > 1) return;
  const int32_t parent = table.size() == 1 ? PrefixTree::kRoot : table[table.size() - 2];
  if (parent != PrefixTree::kRoot && !tree_.Contains(parent)) return;
  if (tree_.FindPart(parent, tokens).tokens == tokens.size()) return;  // another has it all
  Add(parent, tokens, table.back());
}

// A tail that says less than the new node, and nobody holds, has had its time.
void KvCache::Add(int32_t parent, std::span<const int32_t> tokens, int32_t block) {
  const int32_t tail = tree_.FindTail(parent, tokens);
  if (tail != PrefixTree::kNone && pool_.holders(tail) == 1) Evict(tail);
  tree_.Insert(parent, tokens, block);
  pool_.Share(block);
  pool_.SetInTree(block, true);
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
