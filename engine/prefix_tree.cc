#include "engine/prefix_tree.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "base/random.h"

namespace hasten {

PrefixTree::PrefixTree(size_t blocks, size_t block_tokens)
    : block_tokens_(block_tokens),
      nodes_(blocks),
      tokens_(blocks * block_tokens),
      buckets_(std::bit_ceil(std::max<size_t>(blocks, 1)), kNone) {}

uint64_t PrefixTree::Hash(int32_t parent, std::span<const int32_t> tokens) {
  uint64_t h = Mix64(uint32_t(parent));
  for (const int32_t t : tokens) h = Mix64(h ^ uint32_t(t));
  return h;
}

int32_t PrefixTree::Find(int32_t parent, std::span<const int32_t> tokens) const {
  const uint64_t hash = Hash(parent, tokens);
  for (int32_t n = buckets_[hash & (buckets_.size() - 1)]; n != kNone; n = nodes_[n].next) {
    if (nodes_[n].hash == hash && nodes_[n].parent == parent && std::ranges::equal(TokensOf(n), tokens)) return n;
  }
  return kNone;
}

void PrefixTree::Insert(int32_t parent, std::span<const int32_t> tokens, int32_t block) {
  assert(!nodes_[block].in_use && tokens.size() == block_tokens_);
  const uint64_t hash = Hash(parent, tokens);
  nodes_[block] = {.in_use = true, .parent = parent, .next = Bucket(hash), .hash = hash};
  Bucket(hash) = block;
  std::ranges::copy(tokens, tokens_.begin() + ptrdiff_t(size_t(block) * block_tokens_));
  if (parent != kRoot) ++nodes_[parent].children;
  ++size_;
  LinkNewest(block);
  if (parent != kRoot) Touch(parent);
}

void PrefixTree::Remove(int32_t leaf) {
  assert(nodes_[leaf].in_use && IsLeaf(leaf));
  int32_t* link = &Bucket(nodes_[leaf].hash);
  while (*link != leaf) link = &nodes_[*link].next;
  *link = nodes_[leaf].next;
  if (const int32_t parent = nodes_[leaf].parent; parent != kRoot) --nodes_[parent].children;
  Unlink(leaf);
  nodes_[leaf] = {};
  --size_;
}

void PrefixTree::Touch(int32_t node) {
  for (; node != kRoot; node = nodes_[node].parent) {  // leaf first, so that ancestors end up more recent
    Unlink(node);
    LinkNewest(node);
  }
}

void PrefixTree::Unlink(int32_t node) {
  const Node& n = nodes_[node];
  (n.older == kNone ? oldest_ : nodes_[n.older].newer) = n.newer;
  (n.newer == kNone ? newest_ : nodes_[n.newer].older) = n.older;
}

void PrefixTree::LinkNewest(int32_t node) {
  nodes_[node].older = newest_;
  nodes_[node].newer = kNone;
  (newest_ == kNone ? oldest_ : nodes_[newest_].newer) = node;
  newest_ = node;
}

}  // namespace hasten
