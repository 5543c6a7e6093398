// One block of the KV cache of one layer: kKvBlock positions of all key/value heads.
//
// Inside, head after head: keys transposed [K][kKvBlock], so that the scores of a block come out as vectors over positions
// without horizontal sums; then values [kKvBlock][K].
#pragma once

#include <cstddef>
#include <cstdint>

namespace hasten {

// Positions that share one KV block. A build constant: the order of float sums follows it (docs/determinism.md).
inline constexpr size_t kKvBlock = HASTEN_KV_BLOCK;

enum class KvType : uint8_t { kF32, kF16, kBF16 };

constexpr size_t KvElementBytes(KvType type) { return type == KvType::kF32 ? 4 : 2; }
constexpr size_t KvHeadBytes(size_t head_width, KvType type) { return 2 * kKvBlock * head_width * KvElementBytes(type); }
// Of one layer; a multiple of 64, so that blocks one after the other stay aligned.
constexpr size_t KvBlockBytes(size_t kv_heads, size_t head_width, KvType type) {
  return (kv_heads * KvHeadBytes(head_width, type) + 63) / 64 * 64;
}

}  // namespace hasten
