// Blocks of cached prefixes, as a disk may have damaged them: nothing but exactly what was written is taken.
#include "engine/prefix_file.h"

#include <cstring>

#include "tests/fuzz/fuzz_target.h"

namespace hasten {

static constexpr PrefixBlockShape kShape = {.tokens = 4, .kv_bytes = 24, .state_bytes = 8};
static constexpr Fingerprint kKey = {.a = 77, .b = 99};

void FuzzOne(std::span<const std::byte> input) {
  const std::vector<std::byte> aligned(input.begin(), input.end());
  const auto block = DecodePrefixBlock(aligned, kKey, kShape);
  if (!block) return;
  FUZZ_CHECK(block->tokens.size() == kShape.tokens && block->kv.size() == kShape.kv_bytes);
  const std::string again = EncodePrefixBlock(kKey, *block);
  FUZZ_CHECK(again.size() == aligned.size() && std::memcmp(again.data(), aligned.data(), again.size()) == 0);
}

std::vector<std::string> FuzzSeeds() {
  const std::vector<int32_t> tokens = {1, -2, 3, 1 << 30};
  const std::vector<std::byte> kv(kShape.kv_bytes, std::byte{5}), state(kShape.state_bytes, std::byte{6});
  return {EncodePrefixBlock(kKey, {.tokens = tokens, .kv = kv, .state = {}}),
          EncodePrefixBlock(kKey, {.tokens = tokens, .kv = kv, .state = state}),
          EncodePrefixBlock({.a = 1, .b = 2}, {.tokens = tokens, .kv = kv, .state = state})};
}

}  // namespace hasten
