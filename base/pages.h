// Memory from the operating system, in huge pages where it grants them: what is read at the speed of memory must not wait
// for address translation. It costs nothing until it is touched: the KV cache of a long context is reserved whole and paid
// for page by page.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <utility>

namespace hasten {

// `size` zero bytes, aligned to a page. Owns; movable. Throws std::bad_alloc where the address space is refused.
class Pages {
 public:
  Pages() = default;
  explicit Pages(size_t size) : size_(size) {
    if (size == 0) return;
    void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<std::byte*>(p);
    madvise(p, size, MADV_HUGEPAGE);  // a hint; small pages are merely slower
  }
  Pages(Pages&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Pages() {
    if (data_) munmap(data_, size_);
  }
  std::byte* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace hasten
