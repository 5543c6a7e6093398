// The token sequences whose keys and values are in memory, as a radix tree with one edge a block: a node stands for
// kKvBlock tokens that follow its parent's, and for the block that holds them.
//
//   root ── b3 "Once upon a time, there" ── b7 " was a little girl named" ── b9 …
//                                        └─ b5 " was a big dog who lived"
//
// A text seldom ends where a block does. Its last block becomes a *tail*: a leaf that holds fewer tokens. And a text that
// differs from a known one in the middle of a block still has the tokens before in common: FindPart finds the node, tail or
// not, that shares most of them.
//
// A node is known by its block's id, so the tree needs no memory of its own beyond arrays sized once. Nodes are in order
// of last use; a parent is always more recent than its children, so what falls off the end is a leaf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hasten {

class PrefixTree {
 public:
  static constexpr int32_t kRoot = -1;  // the parent of first blocks
  static constexpr int32_t kNone = -1;

  PrefixTree(size_t blocks, size_t block_tokens);

  // The child of `parent` that holds exactly `tokens` (block_tokens of them), or kNone.
  int32_t Find(int32_t parent, std::span<const int32_t> tokens) const;
  // The child of `parent`, among those added last, that begins with most of `tokens`; kNone where none shares the first one.
  struct Part {
    int32_t node = kNone;
    size_t tokens = 0;
  };
  Part FindPart(int32_t parent, std::span<const int32_t> tokens) const;
  // A tail below `parent` that holds nothing but the beginning of `tokens`, or kNone.
  int32_t FindTail(int32_t parent, std::span<const int32_t> tokens) const;
  // Makes `block` a node; a tail where `tokens` are fewer than a block's. Requires that it is none yet and, of a whole one,
  // that Find(parent, tokens) is kNone. Most recent afterwards.
  void Insert(int32_t parent, std::span<const int32_t> tokens, int32_t block);
  void Remove(int32_t leaf);
  void Touch(int32_t node);  // it and its ancestors become the most recently used

  bool Contains(int32_t block) const { return nodes_[block].in_use; }
  bool IsLeaf(int32_t node) const { return nodes_[node].children == 0; }
  int32_t Parent(int32_t node) const { return nodes_[node].parent; }
  int32_t Oldest() const { return oldest_; }
  int32_t NextNewer(int32_t node) const { return nodes_[node].newer; }
  size_t size() const { return size_; }

 private:
  struct Node {
    bool in_use = false;
    int32_t parent = kRoot, children = 0;
    int32_t older = kNone, newer = kNone;  // by last use
    int32_t next = kNone;                  // in its hash bucket; tails are in none
    int32_t first_child = kNone;           // the one added last
    int32_t older_sibling = kNone, newer_sibling = kNone;
    uint32_t count = 0;  // of tokens
    uint64_t hash = 0;
  };
  std::span<const int32_t> TokensOf(int32_t node) const { return {&tokens_[size_t(node) * block_tokens_], nodes_[node].count}; }
  bool IsTail(int32_t node) const { return nodes_[node].count < block_tokens_; }
  int32_t FirstChild(int32_t parent) const { return parent == kRoot ? first_ : nodes_[parent].first_child; }
  int32_t& FirstChild(int32_t parent) { return parent == kRoot ? first_ : nodes_[parent].first_child; }
  static uint64_t Hash(int32_t parent, std::span<const int32_t> tokens);
  int32_t& Bucket(uint64_t hash) { return buckets_[hash & (buckets_.size() - 1)]; }
  void Unlink(int32_t node);
  void LinkNewest(int32_t node);

  const size_t block_tokens_;
  std::vector<Node> nodes_;       // by block id
  std::vector<int32_t> tokens_;   // [blocks, block_tokens]
  std::vector<int32_t> buckets_;  // first node of each hash bucket; a power of two of them
  int32_t first_ = kNone;         // of the first blocks, the one added last
  int32_t oldest_ = kNone, newest_ = kNone;
  size_t size_ = 0;
};

}  // namespace hasten
