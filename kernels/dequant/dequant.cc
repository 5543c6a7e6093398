#include "kernels/dequant/dequant.h"

#include <cassert>

#include "kernels/dequant/decode.h"

namespace hasten {

static decode::Fn* DecoderOf(TensorType type) {
  switch (type) {
    case TensorType::kF32:
    case TensorType::kF16:
    case TensorType::kBF16:
      return nullptr;
    case TensorType::kQ4_0:
      return decode::Q4_0;
    case TensorType::kQ4_1:
      return decode::Q4_1;
    case TensorType::kQ5_0:
      return decode::Q5_0;
    case TensorType::kQ5_1:
      return decode::Q5_1;
    case TensorType::kQ8_0:
      return decode::Q8_0;
    case TensorType::kQ2_K:
      return decode::Q2_K;
    case TensorType::kQ3_K:
      return decode::Q3_K;
    case TensorType::kQ4_K:
      return decode::Q4_K;
    case TensorType::kQ5_K:
      return decode::Q5_K;
    case TensorType::kQ6_K:
      return decode::Q6_K;
    case TensorType::kIQ4_NL:
      return decode::IQ4_NL;
    case TensorType::kIQ4_XS:
      return decode::IQ4_XS;
    case TensorType::kIQ3_S:
      return decode::IQ3_S;
    case TensorType::kTQ1_0:
      return decode::TQ1_0;
    case TensorType::kTQ2_0:
      return decode::TQ2_0;
    case TensorType::kMXFP4:
      return decode::MXFP4;
  }
  return nullptr;
}

static void FromFloats(TensorType type, const uint8_t* bytes, size_t elements, float* out) {
  if (type == TensorType::kF32) {
    std::memcpy(out, bytes, elements * sizeof(float));
  } else if (type == TensorType::kF16) {
    for (size_t i = 0; i < elements; ++i) out[i] = decode::LoadHalf(bytes + 2 * i);
  } else {
    for (size_t i = 0; i < elements; ++i) out[i] = FloatFromBf16(decode::LoadU16(bytes + 2 * i));
  }
}

bool HasIntegerWeights(TensorType type) { return DecoderOf(type) != nullptr; }

void DecodeIntegers(TensorType type, const void* blocks, size_t elements, const IntegerWeights& out) {
  const TensorTypeInfo& info = InfoOf(type);
  decode::Fn* const decode = DecoderOf(type);
  assert(decode && elements % info.block_elements == 0);
  const auto* block = static_cast<const uint8_t*>(blocks);
  for (size_t i = 0; i < elements; i += info.block_elements, block += info.block_bytes)
    decode(block, {out.q + i, out.scale + i / kRun, out.offset + i / kRun});
}

void Dequantize(TensorType type, const void* blocks, size_t elements, float* out) {
  const TensorTypeInfo& info = InfoOf(type);
  assert(elements % info.block_elements == 0);
  const auto* block = static_cast<const uint8_t*>(blocks);
  decode::Fn* const decode = DecoderOf(type);
  if (!decode) return FromFloats(type, block, elements, out);
  constexpr size_t kLargestBlock = 256;
  int8_t q[kLargestBlock];
  float scale[kLargestBlock / kRun], offset[kLargestBlock / kRun];
  for (size_t i = 0; i < elements; i += info.block_elements, block += info.block_bytes) {
    decode(block, {q, scale, offset});
    float* __restrict y = out + i;
    for (size_t r = 0; r < info.block_elements / kRun; ++r)
      for (size_t j = 0; j < kRun; ++j) y[kRun * r + j] = scale[r] * float(q[kRun * r + j]) + offset[r];
  }
}

}  // namespace hasten
