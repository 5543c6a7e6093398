// Which KV blocks are in use, by how many holders. Knows nothing of what they hold.
//
// A holder is a sequence's block table or the prefix tree. A block with one holder may be written; with more it is copied
// first ("copy on write"). The pool also counts the blocks that only the prefix tree holds: those can be had by evicting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hasten {

class BlockPool {
 public:
  explicit BlockPool(size_t count);

  int32_t Take();            // a block with one holder, or -1 where none is free
  void Share(int32_t id);    // one holder more
  void Release(int32_t id);  // one holder fewer; the last one frees it
  // The tree starts or ceases to be one of the holders. Only marks: Share and Release go with it.
  void SetInTree(int32_t id, bool in_tree);

  size_t count() const { return blocks_.size(); }
  size_t free() const { return free_.size(); }
  size_t only_in_tree() const { return only_in_tree_; }
  size_t available() const { return free() + only_in_tree(); }
  uint32_t holders(int32_t id) const { return blocks_[id].holders; }
  bool in_tree(int32_t id) const { return blocks_[id].in_tree; }

 private:
  struct Block {
    uint32_t holders = 0;
    bool in_tree = false;
  };
  bool OnlyInTree(int32_t id) const { return blocks_[id].in_tree && blocks_[id].holders == 1; }

  std::vector<Block> blocks_;
  std::vector<int32_t> free_;  // a stack: the block freed last is the one most likely still in cache
  size_t only_in_tree_ = 0;
};

}  // namespace hasten
