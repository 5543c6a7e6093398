#include "engine/block_pool.h"

#include <cassert>

namespace hasten {

BlockPool::BlockPool(size_t count) : blocks_(count) {
  free_.reserve(count);
  for (size_t i = count; i-- > 0;) free_.push_back(int32_t(i));  // so that block 0 is taken first
}

int32_t BlockPool::Take() {
  if (free_.empty()) return -1;
  const int32_t id = free_.back();
  free_.pop_back();
  blocks_[id].holders = 1;
  return id;
}

void BlockPool::Share(int32_t id) {
  assert(blocks_[id].holders > 0);
  only_in_tree_ -= OnlyInTree(id);
  ++blocks_[id].holders;
}

void BlockPool::Release(int32_t id) {
  assert(blocks_[id].holders > 0);
  only_in_tree_ -= OnlyInTree(id);
  if (--blocks_[id].holders == 0) {
    assert(!blocks_[id].in_tree);
    free_.push_back(id);
  }
  only_in_tree_ += OnlyInTree(id);
}

void BlockPool::SetInTree(int32_t id, bool in_tree) {
  only_in_tree_ -= OnlyInTree(id);
  blocks_[id].in_tree = in_tree;
  only_in_tree_ += OnlyInTree(id);
}

}  // namespace hasten
