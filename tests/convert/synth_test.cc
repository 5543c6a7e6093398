#include "convert/synth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string_view>
#include <unordered_set>

#include "convert/random_weights.h"
#include "convert/synth_vocab.h"
#include "formats/gguf.h"
#include "kernels/dequant/dequant.h"
#include "models/model.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

using testing::HasSubstr;

Shape Tiny(const std::string& family) {
  Shape shape{.family = family, .layers = 4, .width = 64, .vocab = 300};
  CompleteShape(shape);
  return shape;
}

Status Write(const std::string& path, const Shape& shape, const char* mix, uint64_t seed = 1) {
  TRY(FileWriter file, FileWriter::Create(path, FileWriter::IfExists::kReplace));
  return Synthesise({.shape = shape, .mix = *FindMix(mix), .seed = seed}, std::move(file));
}

std::vector<float> Weights(const GgufTensor& tensor) {
  std::vector<float> out(tensor.elements());
  Dequantize(tensor.type, tensor.data.data(), out.size(), out.data());
  return out;
}

double Variance(const std::vector<float>& values) {
  double sum = 0, squares = 0;
  for (const float v : values) {
    sum += v;
    squares += double(v) * v;
  }
  const double n = double(values.size());
  return squares / n - sum / n * (sum / n);
}

TEST(Synth, EveryFamilyLoadsAsAModel) {
  for (const std::string_view family : SynthFamilies()) {
    TempDir folder;
    const Shape shape = Tiny(std::string(family));
    ASSERT_TRUE(Write(folder / "m.gguf", shape, "F16")) << family;
    const auto file = Gguf::Open(folder / "m.gguf");
    ASSERT_TRUE(file) << file.error().what;
    Team team(1);
    const auto model = LoadModel(*file, team);
    ASSERT_TRUE(model) << model.error().what;
    EXPECT_EQ((*model)->info().family, family);
    EXPECT_EQ((*model)->info().layers, shape.layers);
    EXPECT_EQ((*model)->info().vocab, shape.vocab);
    EXPECT_EQ((*model)->info().kv_heads, shape.kv_heads);
  }
}

TEST(Synth, SameSeedSameBytesAndAnotherSeedOthers) {
  TempDir folder;
  ASSERT_TRUE(Write(folder / "a", Tiny("llama"), "F16", 7));
  ASSERT_TRUE(Write(folder / "b", Tiny("llama"), "F16", 7));
  ASSERT_TRUE(Write(folder / "c", Tiny("llama"), "F16", 8));
  EXPECT_EQ(ReadBytes(folder / "a"), ReadBytes(folder / "b"));
  const auto a = Gguf::Open(folder / "a"), c = Gguf::Open(folder / "c");
  ASSERT_TRUE(a && c);
  EXPECT_NE(Weights(a->tensors()[0]), Weights(c->tensors()[0]));
}

TEST(Synth, WeightsHaveTheVarianceThatKeepsActivationsAlive) {
  TempDir folder;
  Shape shape = Tiny("llama");
  shape.width = 256;
  shape.vocab = 5000;  // the token table is large enough to come from the pool
  ASSERT_TRUE(Write(folder / "m.gguf", shape, "F16"));
  const auto file = Gguf::Open(folder / "m.gguf");
  ASSERT_TRUE(file) << file.error().what;
  size_t matrices = 0;
  for (const GgufTensor& tensor : file->tensors()) {
    if (tensor.dims.size() < 2) continue;
    ++matrices;
    EXPECT_NEAR(Variance(Weights(tensor)) * double(tensor.columns()), 1, 0.05) << tensor.name;
  }
  EXPECT_GT(matrices, 20u);
}

TEST(Synth, AnotherMixQuantisesTheSameWeights) {
  TempDir folder;
  Shape shape = Tiny("llama");
  shape.width = 256;
  shape.vocab = 5000;
  ASSERT_TRUE(Write(folder / "f16", shape, "F16"));
  const auto exact = Gguf::Open(folder / "f16");
  ASSERT_TRUE(exact);
  for (const char* mix : {"BF16", "Q8_0", "Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K"}) {
    const Status written = Write(folder / "q", shape, mix);
    ASSERT_TRUE(written) << written.error().what;
    const auto quantised = Gguf::Open(folder / "q");
    ASSERT_TRUE(quantised) << quantised.error().what;
    size_t smaller = 0;
    for (const GgufTensor& tensor : quantised->tensors()) {
      const GgufTensor* same = exact->FindTensor(tensor.name);
      ASSERT_NE(same, nullptr);
      EXPECT_LT(NormalisedError(Weights(tensor), Weights(*same)), 0.01) << mix << " " << tensor.name;
      smaller += tensor.data.size() < same->data.size();
    }
    EXPECT_TRUE(smaller > 20 || mix == std::string("BF16")) << mix;
  }
}

TEST(Synth, RandomNormalsAreNearlyNormal) {
  size_t within_one = 0, within_two = 0;
  double sum = 0, squares = 0;
  constexpr size_t kDraws = 100000;
  for (size_t i = 0; i < kDraws; ++i) {
    const double x = RandomNormal(3, i);
    sum += x;
    squares += x * x;
    within_one += std::fabs(x) < 1;
    within_two += std::fabs(x) < 2;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.015);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
  EXPECT_NEAR(double(within_one) / kDraws, 0.683, 0.015);
  EXPECT_NEAR(double(within_two) / kDraws, 0.954, 0.01);
}

TEST(Synth, NamedShapesAreConsistent) {
  for (const Shape& shape : Shapes()) {
    EXPECT_TRUE(CheckShape(shape)) << shape.name;
    EXPECT_EQ(FindShape(shape.name), &shape);
  }
  EXPECT_EQ(FindShape("nothing"), nullptr);
}

TEST(Synth, RefusesImpossibleShapesWithTheirNumbers) {
  const auto refused = [](void change(Shape&), const char* says) {
    Shape shape = Tiny("llama");
    change(shape);
    const Status status = CheckShape(shape);
    ASSERT_FALSE(status) << says;
    EXPECT_EQ(status.error().code, Code::kBadInput);
    EXPECT_THAT(status.error().what, HasSubstr(says));
  };
  refused([](Shape& s) { s.family = "gpt9"; }, "gpt9");
  refused([](Shape& s) { s.heads = 6, s.kv_heads = 4; }, "6 query heads");
  refused([](Shape& s) { s.kv_heads = 9; }, "is 9");
  refused([](Shape& s) { s.vocab = 100; }, "vocabulary is 100");
  refused([](Shape& s) { s.head_width = 7; }, "is 7");
  refused([](Shape& s) { s.layers = 0; }, "layers is 0");
  refused([](Shape& s) { s.experts = 4; }, "no experts");
  refused([](Shape& s) { s.family = "lfm2", s.conv_width = 3; }, "attention layers is 0");
}

TEST(SynthVocab, TokensAreUniqueAndMergesMakeThem) {
  for (const size_t size : {257u, 258u, 512u, 5000u, 480000u}) {
    const SynthVocab vocab = MakeSynthVocab(size);
    ASSERT_EQ(vocab.tokens.size(), size);
    ASSERT_EQ(vocab.types.size(), size);
    const std::unordered_set<std::string_view> known(vocab.tokens.begin(), vocab.tokens.end());
    EXPECT_EQ(known.size(), size);
    for (const std::string& merge : vocab.merges) {
      const size_t space = merge.find(' ');
      const std::string left = merge.substr(0, space), right = merge.substr(space + 1), joined = left + right;
      ASSERT_TRUE(known.contains(left) && known.contains(right) && known.contains(joined)) << merge;
    }
  }
}

}  // namespace
}  // namespace hasten
