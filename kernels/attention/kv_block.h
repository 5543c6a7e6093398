// One block of the KV cache of one layer: kKvBlock positions of all key/value heads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hasten {

// Positions that share one KV block. A build constant: the order of float sums follows it (docs/determinism.md).
inline constexpr size_t kKvBlock = HASTEN_KV_BLOCK;

enum class KvType : uint8_t { kF32, kF16, kBF16 };

}  // namespace hasten
