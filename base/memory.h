// How much memory this machine has left, and giving back what is not needed any more.
#pragma once

#include <cstddef>

namespace hasten {

size_t FreeMemoryBytes();  // what the machine could give without swapping; 0 where it does not say

// From now on blocks of 128 KiB and more are asked of the system one by one, and given back when they are freed. Left to itself
// glibc keeps blocks as large as the largest that was ever freed, for each thread: a server that was sent some megabytes at
// once stood at 105 to 184 MB for 75 afterwards. For processes that live long; call it before there are threads.
void GiveBackFreedBlocks();

}  // namespace hasten
