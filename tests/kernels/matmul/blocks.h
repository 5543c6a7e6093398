// Random weights in any tensor type, as file bytes: every bit random but for the scales, which are sane.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/half.h"
#include "base/random.h"
#include "base/tensor_type.h"

namespace hasten {

inline std::vector<uint8_t> RandomBlocks(TensorType type, size_t elements, uint64_t seed) {
  struct Scales {
    TensorType type;
    std::vector<size_t> half_offsets;  // of float16 scales within a block
  };
  static const Scales kScales[] = {
      {TensorType::kQ4_0, {0}},    {TensorType::kQ4_1, {0, 2}},   {TensorType::kQ5_0, {0}},   {TensorType::kQ5_1, {0, 2}},
      {TensorType::kQ8_0, {0}},    {TensorType::kQ2_K, {80, 82}}, {TensorType::kQ3_K, {108}}, {TensorType::kQ4_K, {0, 2}},
      {TensorType::kQ5_K, {0, 2}}, {TensorType::kQ6_K, {208}},    {TensorType::kIQ4_NL, {0}}, {TensorType::kIQ4_XS, {0}},
      {TensorType::kIQ3_S, {0}},   {TensorType::kTQ1_0, {52}},    {TensorType::kTQ2_0, {64}}, {TensorType::kF16, {0}},
  };
  const TensorTypeInfo& info = InfoOf(type);
  std::vector<uint8_t> bytes(elements / info.block_elements * info.block_bytes);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = uint8_t(RandomBits(seed, i) >> 40);
  for (size_t block = 0, at = 0; at < bytes.size(); ++block, at += info.block_bytes) {
    const float unit = float(RandomUnit(seed + 1, block)) - 0.3f;
    if (type == TensorType::kMXFP4) bytes[at] = uint8_t(120 + block % 9);
    if (type == TensorType::kF32) std::memcpy(&bytes[at], &unit, 4);
    if (type == TensorType::kBF16) {
      const uint16_t bits = Bf16FromFloat(unit);
      std::memcpy(&bytes[at], &bits, 2);
    }
    for (const Scales& s : kScales)
      if (s.type == type)
        for (size_t offset : s.half_offsets) {
          const uint16_t bits = HalfFromFloat(unit * float(offset % 3 + 1) * 0.01f);
          std::memcpy(&bytes[at + offset], &bits, 2);
        }
  }
  return bytes;
}

}  // namespace hasten
