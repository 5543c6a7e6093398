#include "kernels/quantize/quantize.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/half.h"
#include "kernels/quantize/encode.h"
#include "kernels/quantize/lanes.h"

namespace hasten {

struct Encoder {
  encode::Fn* fn = nullptr;
  size_t run = 0;  // weights
};

static Encoder EncoderOf(TensorType type) {
  switch (type) {
    case TensorType::kQ4_0:
      return {encode::Q4_0, 32};
    case TensorType::kQ4_1:
      return {encode::Q4_1, 32};
    case TensorType::kQ5_0:
      return {encode::Q5_0, 32};
    case TensorType::kQ5_1:
      return {encode::Q5_1, 32};
    case TensorType::kQ8_0:
      return {encode::Q8_0, 32};
    case TensorType::kQ2_K:
      return {encode::Q2_K, 16};
    case TensorType::kQ3_K:
      return {encode::Q3_K, 16};
    case TensorType::kQ4_K:
      return {encode::Q4_K, 32};
    case TensorType::kQ5_K:
      return {encode::Q5_K, 32};
    case TensorType::kQ6_K:
      return {encode::Q6_K, 16};
    case TensorType::kIQ4_NL:
      return {encode::IQ4_NL, 32};
    case TensorType::kIQ4_XS:
      return {encode::IQ4_XS, 32};
    case TensorType::kMXFP4:
      return {encode::MXFP4, 32};
    case TensorType::kTQ1_0:
      return {encode::TQ1_0, 256};
    case TensorType::kTQ2_0:
      return {encode::TQ2_0, 256};
    case TensorType::kF32:
    case TensorType::kF16:
    case TensorType::kBF16:
    case TensorType::kIQ3_S:
      return {};
  }
  return {};
}

bool CanQuantize(TensorType type) { return InfoOf(type).block_elements == 1 || EncoderOf(type).fn; }

static void ToFloats(TensorType type, const float* values, size_t elements, uint8_t* out) {
  if (type == TensorType::kF32) {
    std::memcpy(out, values, elements * sizeof(float));
    return;
  }
  for (size_t i = 0; i < elements; ++i) {
    const uint16_t bits = type == TensorType::kF16 ? HalfFromFloat(values[i]) : Bf16FromFloat(values[i]);
    out[2 * i] = uint8_t(bits);
    out[2 * i + 1] = uint8_t(bits >> 8);
  }
}

void Quantize(TensorType type, const float* values, size_t elements, void* blocks) {
  const TensorTypeInfo& info = InfoOf(type);
  assert(CanQuantize(type) && elements % info.block_elements == 0);
  auto* out = static_cast<uint8_t*>(blocks);
  const Encoder encoder = EncoderOf(type);
  if (!encoder.fn) return ToFloats(type, values, elements, out);
  const size_t group = encode::kRuns * encoder.run;
  for (size_t i = 0; i < elements; i += group)
    encoder.fn(values + i, std::min(group, elements - i) / encoder.run, out + i / info.block_elements * info.block_bytes);
}

}  // namespace hasten
