#include "base/memory.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/file.h"

namespace hasten {

size_t FreeMemoryBytes() {
  const auto text = ReadFile("/proc/meminfo");
  if (!text) return 0;
  const size_t at = text->find("MemAvailable:");
  return at == std::string::npos ? 0 : std::strtoull(text->c_str() + at + 13, nullptr, 10) << 10;
}

void GiveBackFreedBlocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 128 << 10);  // its default, but fixed
#endif
}

}  // namespace hasten
