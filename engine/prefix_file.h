// One block of a prefix as bytes on disk, and back: its tokens, the keys and values of all layers, and the recurrent state
// behind it where there is one. Hostile: every number is checked before it is used, and the whole against its fingerprint.
//
//   "hastenkv" | fingerprint of the rest (16) | key (16) | tokens, kv, state: counts of 4, 1 and 1 bytes (8 each) | the three
//
// Numbers are little-endian. What kind of model and kernels made it is not in the file but in its key (engine/prefix_store.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/fingerprint.h"
#include "base/result.h"

namespace hasten {

struct PrefixBlock {
  std::span<const int32_t> tokens;
  std::span<const std::byte> kv, state;  // the state is empty where none is kept
};

// How many of each a reader expects.
struct PrefixBlockShape {
  size_t tokens = 0, kv_bytes = 0, state_bytes = 0;
};

std::string EncodePrefixBlock(const Fingerprint& key, const PrefixBlock& block);
// Views into `bytes`, which are aligned to 4. kCorrupt says what is wrong with them.
Result<PrefixBlock> DecodePrefixBlock(std::span<const std::byte> bytes, const Fingerprint& key, const PrefixBlockShape& shape);

}  // namespace hasten
