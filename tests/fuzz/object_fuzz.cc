// A shared object of any bytes, loaded and never started: what it says of itself reaches nothing outside of it.
#include "sandbox/embedded.h"
#include "sandbox/warden/object.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {

using namespace sandbox;

void FuzzOne(std::span<const std::byte> input) {
  static const Loaded loaded = [] {
    Loaded l;
    l.Read();
    l.AddMath(Loaded::kMath);
    return l;
  }();
  Object object;
  if (!object.Load({reinterpret_cast<const char*>(input.data()), input.size()}, loaded)) return;
  object.Find("hasten_serve");
  object.Find("there is none of that name");
  FUZZ_CHECK(object.Find("malloc") != nullptr);
}

// What is embedded here anyway; its head alone describes segments that the file has not.
std::vector<std::string> FuzzSeeds() {
  const std::string library(ZygoteLibrary());
  return {library, library.substr(0, 4096), ""};
}

}  // namespace hasten
