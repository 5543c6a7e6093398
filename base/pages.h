// Memory from the operating system, in huge pages where it grants them: what is read at the speed of memory must not wait
// for address translation. It costs nothing until it is touched: the KV cache of a long context is reserved whole and paid
// for page by page.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace hasten {

inline constexpr size_t kHugePage = size_t{2} << 20;

// `size` zero bytes, aligned to a page, and to a huge page where one fits. Owns; movable. Throws std::bad_alloc where the
// address space is refused.
class Pages {
 public:
  Pages() = default;
  explicit Pages(size_t size) : size_(size) {
    if (size == 0) return;
    const size_t spare = size < kHugePage ? 0 : kHugePage;
    void* p = mmap(nullptr, size + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<std::byte*>(p);
    if (spare != 0) Align(spare);
    madvise(data_, size, MADV_HUGEPAGE);  // a hint; small pages are merely slower
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
  // Gives back what lies before the first whole huge page, and what is then too much at the end.
  void Align(size_t spare) {
    constexpr uintptr_t kSmallPage = 4096;
    const uintptr_t begin = reinterpret_cast<uintptr_t>(data_), aligned = (begin + kHugePage - 1) / kHugePage * kHugePage;
    const uintptr_t end = (aligned + size_ + kSmallPage - 1) / kSmallPage * kSmallPage;
    const uintptr_t mapped_end = (begin + size_ + spare + kSmallPage - 1) / kSmallPage * kSmallPage;
    if (aligned > begin) munmap(data_, aligned - begin);
    data_ += aligned - begin;
    if (mapped_end > end) munmap(data_ + (end - aligned), mapped_end - end);
  }

  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace hasten
