#include "engine/prefix_tree.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

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

// A system prompt may have thousands of children; what somebody asks next is most likely near what was asked last.
static constexpr size_t kLooked = 64;

PrefixTree::Part PrefixTree::FindPart(int32_t parent, std::span<const int32_t> tokens) const {
  Part best;
  size_t looked = 0;
  for (int32_t n = FirstChild(parent); n != kNone && looked < kLooked; n = nodes_[n].older_sibling, ++looked) {
    const auto own = TokensOf(n);
    const auto same = size_t(std::ranges::mismatch(own, tokens).in1 - own.begin());
    if (same > best.tokens) best = {n, same};
  }
  return best;
}

int32_t PrefixTree::FindTail(int32_t parent, std::span<const int32_t> tokens) const {
  size_t looked = 0;
  for (int32_t n = FirstChild(parent); n != kNone && looked < kLooked; n = nodes_[n].older_sibling, ++looked) {
    const auto own = TokensOf(n);
    if (IsTail(n) && own.size() <= tokens.size() && std::ranges::equal(own, tokens.first(own.size()))) return n;
  }
  return kNone;
}

void PrefixTree::Insert(int32_t parent, std::span<const int32_t> tokens, int32_t block) {
  assert(!nodes_[block].in_use && !tokens.empty() && tokens.size() <= block_tokens_);
  const uint64_t hash = Hash(parent, tokens);
  nodes_[block] = {.in_use = true, .parent = parent, .count = uint32_t(tokens.size()), .hash = hash};
  if (!IsTail(block)) {
    nodes_[block].next = Bucket(hash);
    Bucket(hash) = block;
  }
  int32_t& first = FirstChild(parent);
  nodes_[block].older_sibling = first;
  if (first != kNone) nodes_[first].newer_sibling = block;
  first = block;
  std::ranges::copy(tokens, tokens_.begin() + ptrdiff_t(size_t(block) * block_tokens_));
  if (parent != kRoot) ++nodes_[parent].children;
  ++size_;
  LinkNewest(block);
  if (parent != kRoot) Touch(parent);
}

void PrefixTree::Remove(int32_t leaf) {
  assert(nodes_[leaf].in_use && IsLeaf(leaf));
  if (!IsTail(leaf)) {
    int32_t* link = &Bucket(nodes_[leaf].hash);
    while (*link != leaf) link = &nodes_[*link].next;
    *link = nodes_[leaf].next;
  }
  const auto [older, newer] = std::pair(nodes_[leaf].older_sibling, nodes_[leaf].newer_sibling);
  if (older != kNone) nodes_[older].newer_sibling = newer;
  (newer == kNone ? FirstChild(nodes_[leaf].parent) : nodes_[newer].older_sibling) = older;
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
