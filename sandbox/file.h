// A file that goes into a jail or comes out of one.
#pragma once

#include <string>

namespace hasten::sandbox {

struct File {
  std::string path;  // relative to the candidate's folder: "data/in.txt"; no "..", no leading "/"
  std::string bytes;
  bool executable = false;
};

}  // namespace hasten::sandbox
