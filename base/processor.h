// Which processors a thread runs on.
#pragma once

#include <cstddef>

namespace hasten {

// Whether the caller's thread now keeps to a processor of its own, as number `index` of `count` threads that work together:
// only where there are as many of them as processors this process may use. Else it may run on any, as before. Threads that it
// starts later inherit it.
//
// The kernel may wake a lane on the processor of the lane that it waits for, and leaves both there, because they have just run:
// each spins while the other could work. A step of 3.4 ms then takes 20 (two cores, clients and connections beside the lanes).
bool KeepToProcessor(size_t index, size_t count);

}  // namespace hasten
