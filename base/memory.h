// How much memory this machine has left.
#pragma once

#include <cstddef>

namespace hasten {

size_t FreeMemoryBytes();  // what the machine could give without swapping; 0 where it does not say

}  // namespace hasten
