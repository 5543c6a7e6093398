#include "kernels/attention/append.h"

#include <algorithm>

#include "base/half.h"

namespace hasten {

static uint16_t SaturatedHalf(float f) {
  return HalfFromFloat(f > 65504.0f ? 65504.0f : f < -65504.0f ? -65504.0f : f);  // NaN stays
}

template <class T, class Convert>
static void StoreAs(const float* k, const float* v, size_t width, size_t slot, std::byte* head, Convert convert) {
  T* keys = reinterpret_cast<T*>(head);
  T* values = keys + width * kKvBlock + slot * width;
  for (size_t i = 0; i < width; ++i) keys[i * kKvBlock + slot] = convert(k[i]);
  for (size_t i = 0; i < width; ++i) values[i] = convert(v[i]);
}

void StoreKeyValue(const float* k, const float* v, size_t width, KvType type, size_t slot, std::byte* head) {
  switch (type) {
    case KvType::kF32:
      return StoreAs<float>(k, v, width, slot, head, [](float f) { return f; });
    case KvType::kF16:
      return StoreAs<uint16_t>(k, v, width, slot, head, SaturatedHalf);
    case KvType::kBF16:
      return StoreAs<uint16_t>(k, v, width, slot, head, Bf16FromFloat);
  }
}

}  // namespace hasten
