// Many pieces of memory side by side in huge pages, where each alone would be too small for one: weights that are read at the
// speed of memory must not wait for address translation, and processors read ahead within a page only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include "base/pages.h"

namespace hasten {

class PageArena {
 public:
  // Keeps the memory around it alive.
  struct Piece {
    std::shared_ptr<Pages> pages;
    std::byte* data = nullptr;
  };
  // `size` zero bytes, aligned to a cache line. Throws std::bad_alloc where the address space is refused.
  Piece Take(size_t size) {
    if (!chunk_ || chunk_->size() - used_ < size) {
      chunk_ = std::make_shared<Pages>(std::max(size, kChunk));
      used_ = 0;
    }
    Piece piece{chunk_, chunk_->data() + used_};
    used_ = std::min(chunk_->size(), used_ + (size + 63) / 64 * 64);
    return piece;
  }

 private:
  static constexpr size_t kChunk = 16 * kHugePage;
  std::shared_ptr<Pages> chunk_;
  size_t used_ = 0;
};

}  // namespace hasten
