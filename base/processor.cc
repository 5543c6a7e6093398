#include "base/processor.h"

#include <sched.h>

namespace hasten {

bool KeepToProcessor(size_t index, size_t count) {
  cpu_set_t all, own;
  CPU_ZERO(&all);
  CPU_ZERO(&own);
  if (sched_getaffinity(0, sizeof all, &all) != 0 || size_t(CPU_COUNT(&all)) != count || index >= count) return false;
  size_t processor = 0;
  for (size_t before = 0; before < index || !CPU_ISSET(processor, &all); ++processor)
    before += size_t(CPU_ISSET(processor, &all) != 0);
  CPU_SET(processor, &own);
  return sched_setaffinity(0, sizeof own, &own) == 0;
}

}  // namespace hasten
