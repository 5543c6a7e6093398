// Runs a fuzz target without libFuzzer: what it found stays found, and its seeds survive damage of the common kinds.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/random.h"
#include "tests/fuzz/fuzz_target.h"

namespace hasten {
namespace {

void Replay(const std::string& input) {
  // A buffer of exactly the input's size, so that the address sanitiser sees a read of one byte too many.
  const std::vector<char> exact(input.begin(), input.end());
  FuzzOne(std::as_bytes(std::span(exact)));
}

// Pairs of hexadecimal digits; "#" begins a comment.
std::string BytesOfHex(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string line, bytes, word;
  while (std::getline(in, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    while (words >> word)
      for (size_t i = 0; i + 1 < word.size(); i += 2) bytes += char(std::stoi(word.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

TEST(FuzzReplay, Seeds) {
  ASSERT_FALSE(FuzzSeeds().empty());
  for (const std::string& seed : FuzzSeeds()) Replay(seed);
}

TEST(FuzzReplay, SeedsCutShort) {
  for (const std::string& seed : FuzzSeeds()) {
    const size_t step = seed.size() / 512 + 1;
    for (size_t size = 0; size < seed.size(); size += step) Replay(seed.substr(0, size));
  }
}

TEST(FuzzReplay, SeedsWithBytesChanged) {
  constexpr unsigned char kTelling[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  uint64_t draw = 0;
  for (const std::string& seed : FuzzSeeds()) {
    if (seed.empty()) continue;
    for (int round = 0; round < 300; ++round) {
      std::string damaged = seed;
      for (int change = 0; change <= round % 3; ++change) {
        const size_t at = RandomBits(1, draw++) % damaged.size();
        damaged[at] = char(kTelling[RandomBits(1, draw++) % std::size(kTelling)]);
      }
      Replay(damaged);
    }
  }
}

TEST(FuzzReplay, EverythingFound) {
  const std::filesystem::path folder = HASTEN_FOUND_DIR;
  if (!std::filesystem::exists(folder)) return;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    Replay(BytesOfHex(entry.path()));
  }
}

}  // namespace
}  // namespace hasten
