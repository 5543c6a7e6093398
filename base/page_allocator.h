// For containers that grow large: in huge pages where the system grants them, so that a tenth of a gigabyte is not paid for in
// 25,000 page faults.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

#include "base/pages.h"

namespace hasten {

template <class T>
struct PageAllocator {
  using value_type = T;
  PageAllocator() = default;
  template <class U>
  PageAllocator(const PageAllocator<U>&) {}

  T* allocate(size_t count) {
    const size_t bytes = count * sizeof(T), whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    void* const p = bytes < kHugePage ? std::malloc(bytes) : std::aligned_alloc(kHugePage, whole);
    if (!p) throw std::bad_alloc();
    if (bytes >= kHugePage) madvise(p, whole, MADV_HUGEPAGE);  // a hint; small pages are merely slower
    return static_cast<T*>(p);
  }
  void deallocate(T* p, size_t) { std::free(p); }
  bool operator==(const PageAllocator&) const = default;
};

}  // namespace hasten
