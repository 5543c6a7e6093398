// One block of the KV cache of one layer: kKvBlock positions of all key/value heads, head after head.
//
// Floating formats: keys transposed [K][kKvBlock], so that the scores of a block come out as vectors over positions without
// horizontal sums; then values [kKvBlock][K].
//
// Fixed point (int16, int8): each key and each value of a head is whole numbers of at most KvLargest times a scale of its own.
// First the scales of the keys and of the values, [kKvBlock] float32 each; then keys [K/2 rounded up][kKvBlock][2] and values
// [kKvBlock/2][K][2]: neighbours along what a product sums over lie in pairs, as instructions that add two products want them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hasten {

// Positions that share one KV block. A build constant: the order of float sums follows it (docs/determinism.md).
inline constexpr size_t kKvBlock = HASTEN_KV_BLOCK;
static_assert(kKvBlock % 2 == 0 && kKvBlock <= 32, "pairs of positions; and 32 products of int16 have to fit 32 bits");

enum class KvType : uint8_t { kF32, kF16, kBF16, kI16, kI8 };

inline constexpr KvType kKvTypes[] = {KvType::kF32, KvType::kF16, KvType::kBF16, KvType::kI16, KvType::kI8};
constexpr std::string_view KvTypeName(KvType type) {
  constexpr std::string_view kNames[] = {"f32", "f16", "bf16", "int16", "int8"};
  return kNames[size_t(type)];
}

constexpr bool KvIsFixed(KvType type) { return type == KvType::kI16 || type == KvType::kI8; }
constexpr size_t KvElementBytes(KvType type) { return type == KvType::kF32 ? 4 : type == KvType::kI8 ? 1 : 2; }
// The largest whole number of a fixed-point format. Of 16 bits 14 are used: sums of products stay within 32 bits.
constexpr float KvLargest(KvType type) { return type == KvType::kI16 ? 8191.0f : 127.0f; }

inline constexpr size_t kKvScaleBytes = 2 * kKvBlock * sizeof(float);  // of a fixed-point head, before its numbers

constexpr size_t KvHeadBytes(size_t head_width, KvType type) {
  if (!KvIsFixed(type)) return 2 * kKvBlock * head_width * KvElementBytes(type);
  const size_t numbers = kKvBlock * ((head_width + 1) / 2 * 2 + head_width);
  return (kKvScaleBytes + numbers * KvElementBytes(type) + 3) / 4 * 4;
}
// Of one layer; a multiple of 64, so that blocks one after the other stay aligned.
constexpr size_t KvBlockBytes(size_t kv_heads, size_t head_width, KvType type) {
  return (kv_heads * KvHeadBytes(head_width, type) + 63) / 64 * 64;
}

}  // namespace hasten
