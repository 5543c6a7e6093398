// Memory aligned for 512-bit loads.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "base/pages.h"

namespace hasten {

// `size` zeroed elements of a trivial type, aligned to a cache line. Owns; does not grow. Throws std::bad_alloc. Large ones
// cost memory only once they are touched: buffers are sized for the longest prompt, and most prompts are short.
template <class T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) : size_(size) {
    const size_t bytes = (size * sizeof(T) + kAlign - 1) / kAlign * kAlign;
    if (bytes == 0) return;
    if (bytes < size || bytes / sizeof(T) < size) throw std::bad_alloc();
    if (bytes >= kLarge) {
      pages_ = Pages(bytes);
      return;
    }
    small_.reset(static_cast<T*>(std::aligned_alloc(kAlign, bytes)));
    if (!small_) throw std::bad_alloc();
    std::memset(static_cast<void*>(small_.get()), 0, bytes);
  }
  T* data() { return small_ ? small_.get() : reinterpret_cast<T*>(pages_.data()); }
  const T* data() const { return small_ ? small_.get() : reinterpret_cast<const T*>(pages_.data()); }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }

 private:
  static constexpr size_t kAlign = 64, kLarge = 1 << 20;
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> small_;
  Pages pages_;
  size_t size_ = 0;
};

}  // namespace hasten
