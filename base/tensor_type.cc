#include "base/tensor_type.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace hasten {

static constexpr TensorTypeInfo kTypes[] = {
    {TensorType::kF32, "F32", 1, 4},         {TensorType::kF16, "F16", 1, 2},         {TensorType::kBF16, "BF16", 1, 2},
    {TensorType::kQ4_0, "Q4_0", 32, 18},     {TensorType::kQ4_1, "Q4_1", 32, 20},     {TensorType::kQ5_0, "Q5_0", 32, 22},
    {TensorType::kQ5_1, "Q5_1", 32, 24},     {TensorType::kQ8_0, "Q8_0", 32, 34},     {TensorType::kQ2_K, "Q2_K", 256, 84},
    {TensorType::kQ3_K, "Q3_K", 256, 110},   {TensorType::kQ4_K, "Q4_K", 256, 144},   {TensorType::kQ5_K, "Q5_K", 256, 176},
    {TensorType::kQ6_K, "Q6_K", 256, 210},   {TensorType::kIQ4_NL, "IQ4_NL", 32, 18}, {TensorType::kIQ4_XS, "IQ4_XS", 256, 136},
    {TensorType::kIQ3_S, "IQ3_S", 256, 110}, {TensorType::kTQ1_0, "TQ1_0", 256, 54},  {TensorType::kTQ2_0, "TQ2_0", 256, 66},
    {TensorType::kMXFP4, "MXFP4", 32, 17},
};

// Place in kTypes by number, so that looking a type up costs nothing beside decoding one block; 255 where there is none.
static constexpr auto kPlaces = [] {
  std::array<uint8_t, 40> places;
  places.fill(255);
  for (size_t i = 0; i < std::size(kTypes); ++i) places[size_t(kTypes[i].type)] = uint8_t(i);
  return places;
}();

std::span<const TensorTypeInfo> TensorTypes() { return kTypes; }

const TensorTypeInfo* FindTensorType(uint32_t number) {
  return number < kPlaces.size() && kPlaces[number] != 255 ? &kTypes[kPlaces[number]] : nullptr;
}

const TensorTypeInfo* FindTensorType(std::string_view name) {
  const auto same = [&](const TensorTypeInfo& t) {
    return std::ranges::equal(t.name, name, [](char a, char b) { return a == std::toupper(static_cast<unsigned char>(b)); });
  };
  const auto* it = std::ranges::find_if(kTypes, same);
  return it == std::end(kTypes) ? nullptr : it;
}

const TensorTypeInfo& InfoOf(TensorType type) { return *FindTensorType(uint32_t(type)); }

}  // namespace hasten
