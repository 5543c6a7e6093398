// Numbers as people read them.
#pragma once

#include <string>

namespace hasten {

std::string HumanBytes(double bytes);      // "1.21 GiB", "640 KiB", "12 B"
std::string HumanCount(double count);      // "1.24 B", "135 M", "12 k", "7": three significant digits
std::string HumanSeconds(double seconds);  // "1.24 s", "35 ms", "2 min 5 s"

}  // namespace hasten
