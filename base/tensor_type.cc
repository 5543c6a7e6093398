#include "base/tensor_type.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/result.h"

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

// Types of ggml's that hasten does not read, so that a refusal can name them. Source: ggml's ggml.h; numbers that are
// missing in both tables were never given out or are long gone.
static constexpr struct {
  uint32_t number;
  const char* name;
} kForeignTypes[] = {{9, "Q8_1"}, {15, "Q8_K"}, {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"}, {19, "IQ1_S"}, {22, "IQ2_S"},
                     {24, "I8"},  {25, "I16"},  {26, "I32"},     {27, "I64"},    {28, "F64"},     {29, "IQ1_M"}, {40, "NVFP4"}};

std::string TensorTypeName(uint32_t number) {
  if (const TensorTypeInfo* ours = FindTensorType(number)) return std::string(ours->name);
  const auto* foreign = std::ranges::find_if(kForeignTypes, [&](const auto& t) { return t.number == number; });
  return foreign == std::end(kForeignTypes) ? Fmt("number %u", number) : Fmt("%s (number %u)", foreign->name, number);
}

std::string TensorTypeList() {
  std::string list;
  for (const TensorTypeInfo& t : kTypes) list += (list.empty() ? "" : ", ") + std::string(t.name);
  return list;
}

const TensorTypeInfo& InfoOf(TensorType type) { return *FindTensorType(uint32_t(type)); }

}  // namespace hasten
