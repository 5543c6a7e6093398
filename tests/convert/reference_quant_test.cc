// Dequantising and quantising held against reference/quant: one model in every tensor type, made by llama.cpp from F16.gguf.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "formats/gguf.h"
#include "kernels/dequant/dequant.h"
#include "kernels/quantize/quantize.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

using Values = std::vector<float>;

Values Weights(const GgufTensor& tensor) {
  Values values(tensor.elements());
  Dequantize(tensor.type, tensor.data.data(), values.size(), values.data());
  return values;
}

Values ThereAndBack(TensorType type, const Values& values) {
  const TensorTypeInfo& info = InfoOf(type);
  std::vector<std::byte> blocks(values.size() / info.block_elements * info.block_bytes);
  Values back(values.size());
  Quantize(type, values.data(), values.size(), blocks.data());
  Dequantize(type, blocks.data(), back.size(), back.data());
  return back;
}

double RootMeanSquareError(const Values& got, const Values& expected) {
  double sum = 0;
  for (size_t i = 0; i < got.size(); ++i) sum += std::pow(double(got[i]) - expected[i], 2);
  return std::sqrt(sum / double(got.size()));
}

struct Reference {
  const char* file;
  TensorType type;
  double error;  // of the weights, relative to their size: what the type's steps lead one to expect
};
constexpr Reference kReferences[] = {
    {"BF16", TensorType::kBF16, 0.0017},   {"Q8_0", TensorType::kQ8_0, 0.0055},   {"Q6_K", TensorType::kQ6_K, 0.019},
    {"Q5_K_S", TensorType::kQ5_K, 0.038},  {"Q5_1", TensorType::kQ5_1, 0.04},     {"Q5_0", TensorType::kQ5_0, 0.044},
    {"Q4_K_S", TensorType::kQ4_K, 0.075},  {"Q4_1", TensorType::kQ4_1, 0.083},    {"Q4_0", TensorType::kQ4_0, 0.09},
    {"IQ4_NL", TensorType::kIQ4_NL, 0.08}, {"IQ4_XS", TensorType::kIQ4_XS, 0.08}, {"MXFP4_MOE", TensorType::kMXFP4, 0.12},
    {"IQ3_S", TensorType::kIQ3_S, 0.18},   {"Q3_K_S", TensorType::kQ3_K, 0.16},   {"Q2_K", TensorType::kQ2_K, 0.32},
    {"TQ2_0", TensorType::kTQ2_0, 0.85},   {"TQ1_0", TensorType::kTQ1_0, 0.85},
};

// Calls `check(reference tensor, its weights, the float16 weights)` for each matrix of a reference file.
template <class Check>
void ForEachMatrix(const std::string& folder, const Reference& reference, Check check) {
  const auto original = Gguf::Open(folder + "/F16.gguf");
  const auto quantized = Gguf::Open(folder + "/" + reference.file + ".gguf");
  ASSERT_TRUE(original) << original.error().what;
  ASSERT_TRUE(quantized) << quantized.error().what;
  size_t matrices = 0;
  for (const GgufTensor& tensor : original->tensors()) {
    if (tensor.dims.size() < 2) continue;
    const GgufTensor* other = quantized->FindTensor(tensor.name);
    ASSERT_TRUE(other && other->dims == tensor.dims && other->type == reference.type) << reference.file << " " << tensor.name;
    check(*other, Weights(*other), Weights(tensor));
    ++matrices;
  }
  EXPECT_EQ(matrices, 15u);
}

TEST(ReferenceQuant, EveryTypeDequantizesNearTheOriginal) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/quant");
  for (const Reference& reference : kReferences)
    ForEachMatrix(folder, reference, [&](const GgufTensor& tensor, const Values& theirs, const Values& original) {
      const double size = RootMeanSquareError(original, Values(original.size()));
      EXPECT_LT(RootMeanSquareError(theirs, original), reference.error * size) << reference.file << " " << tensor.name;
    });
}

// Prints the table; the bar is 1.05 for every tensor.
TEST(ReferenceQuant, OurErrorsAreNoLargerThanLlamaCpps) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/quant");
  std::printf("%-10s %s\n", "", "RMS error of a tensor's weights, ours / llama.cpp's: least, most of 15 tensors");
  for (const Reference& reference : kReferences) {
    if (!CanQuantize(reference.type)) continue;
    double least = INFINITY, most = 0;
    ForEachMatrix(folder, reference, [&](const GgufTensor& tensor, const Values& theirs, const Values& original) {
      const double ours = RootMeanSquareError(ThereAndBack(reference.type, original), original);
      const double ratio = ours / RootMeanSquareError(theirs, original);
      EXPECT_LE(ratio, 1.05) << reference.file << " " << tensor.name;
      least = std::min(least, ratio), most = std::max(most, ratio);
    });
    std::printf("%-10s %.4f %.4f\n", reference.file, least, most);
  }
}

// A quantiser whose scales are 3 % too large is beyond the bar for every type of fewer than eight bits.
TEST(ReferenceQuant, ScalesThreePercentOffFail) {
  HASTEN_SHARED_OR_SKIP(folder, "reference/quant");
  for (const Reference& reference : kReferences) {
    if (!CanQuantize(reference.type) || reference.error > 0.05) continue;
    ForEachMatrix(folder, reference, [&](const GgufTensor& tensor, const Values& theirs, const Values& original) {
      Values worse = ThereAndBack(reference.type, original);
      for (float& v : worse) v *= 1.03f;
      EXPECT_GT(RootMeanSquareError(worse, original), 1.05 * RootMeanSquareError(theirs, original))
          << reference.file << " " << tensor.name;
    });
  }
}

}  // namespace
}  // namespace hasten
