// The element types of tensors in model files: names, block sizes. Numbers are those of the GGUF format
// (ggml's enum ggml_type), layouts are in kernels/dequant/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hasten {

enum class TensorType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ2_K = 10,
  kQ3_K = 11,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kIQ4_NL = 20,
  kIQ3_S = 21,
  kIQ4_XS = 23,
  kBF16 = 30,
  kTQ1_0 = 34,
  kTQ2_0 = 35,
  kMXFP4 = 39,
};

struct TensorTypeInfo {
  TensorType type;
  std::string_view name;  // "Q4_K"
  size_t block_elements;  // elements that share one block; a row is a whole number of blocks
  size_t block_bytes;
};

std::span<const TensorTypeInfo> TensorTypes();                // all that hasten reads
const TensorTypeInfo* FindTensorType(uint32_t number);        // nullptr where it is not one of ours
const TensorTypeInfo* FindTensorType(std::string_view name);  // upper or lower case
const TensorTypeInfo& InfoOf(TensorType type);

// For sentences: "Q4_K"; "IQ2_XXS (number 16)" for a type of ggml's that is not ours; "number 99".
std::string TensorTypeName(uint32_t number);
std::string TensorTypeList();  // "F32, F16, …": all that hasten reads

}  // namespace hasten
