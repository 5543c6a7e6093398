// libFuzzer's two entry points, for whichever target this is linked to. NAME_fuzz --seeds FOLDER writes the seed corpus.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/fuzz_target.h"

static void WriteSeeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  size_t i = 0;
  for (const std::string& seed : hasten::FuzzSeeds()) {
    std::ofstream out(folder / ("seed-" + std::to_string(i++)), std::ios::binary);
    out.write(seed.data(), std::streamsize(seed.size()));
    if (!out) std::exit(1);
  }
}

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc == 3 && std::strcmp((*argv)[1], "--seeds") == 0) {
    WriteSeeds((*argv)[2]);
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  hasten::FuzzOne(std::as_bytes(std::span(data, size)));
  return 0;
}
