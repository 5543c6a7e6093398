#include "convert/quantize_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "convert/synth.h"
#include "formats/gguf_writer.h"
#include "kernels/dequant/dequant.h"
#include "kernels/quantize/quantize.h"
#include "models/model.h"
#include "tests/support/support.h"

namespace hasten {
namespace {

using testing::HasSubstr;

class QuantizeFileTest : public testing::Test {
 protected:
  // The token table has 307,200 weights: more than one stretch of one lane, and not a whole number of pieces.
  void SetUp() override {
    Shape shape{.family = "llama", .layers = 2, .width = 256, .ffn = 512, .vocab = 1200};
    CompleteShape(shape);
    auto file = FileWriter::Create(source_);
    ASSERT_TRUE(file);
    ASSERT_TRUE(Synthesise({.shape = shape, .mix = *FindMix("F16")}, std::move(*file)));
  }

  static Status Quantized(const std::string& in, const std::string& out, const char* mix, bool pure = false, size_t lanes = 1,
                          std::function<bool(double)> progress = {}) {
    TRY(const Gguf model, Gguf::Open(in));
    TRY(const std::vector<TensorChange> plan, PlanQuantization(model, *FindMix(mix), pure));
    TRY(FileWriter file, FileWriter::Create(out, FileWriter::IfExists::kReplace));
    Team team(lanes);
    return QuantizeFile(model, plan, {*FindMix(mix), pure, std::move(progress)}, team, std::move(file));
  }

  // A file of one F32 matrix "w.weight" of 2 rows of 256.
  void WriteMatrix(const std::string& path, const std::vector<float>& values) {
    GgufHeader header;
    header.Set<std::string_view>("general.architecture", "llama");
    ASSERT_TRUE(header.AddTensor("w.weight", TensorType::kF32, {256, 2}));
    auto file = FileWriter::Create(path, FileWriter::IfExists::kReplace);
    ASSERT_TRUE(file);
    auto writer = GgufWriter::Create(std::move(header), std::move(*file));
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->Write(std::as_bytes(std::span(values))));
    ASSERT_TRUE(writer->Commit());
  }

  TempDir dir_;
  std::string source_ = dir_ / "f16.gguf", out_ = dir_ / "out.gguf";
};

TEST_F(QuantizeFileTest, EveryMixWritesAModelThatLoads) {
  for (const Mix& mix : Mixes()) {
    ASSERT_TRUE(Quantized(source_, out_, mix.name.data())) << mix.name;
    const auto file = Gguf::Open(out_), source = Gguf::Open(source_);
    ASSERT_TRUE(file && source) << mix.name;
    EXPECT_EQ(*file->GetUint("general.file_type"), uint64_t(mix.file_type));
    EXPECT_EQ(*file->GetUint("general.quantization_version"), 2u);
    EXPECT_EQ(*file->GetString("general.name"), *source->GetString("general.name"));
    EXPECT_EQ(file->metadata().size(), source->metadata().size());
    EXPECT_EQ(file->FindTensor("blk.0.attn_q.weight")->type,
              mix.file_type == FileType::kMXFP4_MOE ? TensorType::kQ8_0 : mix.base);
    EXPECT_EQ(file->FindTensor("blk.0.attn_norm.weight")->type, TensorType::kF32);
    Team team(1);
    const auto model = LoadModel(*file, team);
    EXPECT_TRUE(model) << mix.name << ": " << model.error().what;
  }
}

TEST_F(QuantizeFileTest, BytesDoNotDependOnTheThreads) {
  ASSERT_TRUE(Quantized(source_, out_, "Q4_K_M", false, 1));
  ASSERT_TRUE(Quantized(source_, dir_ / "three.gguf", "Q4_K_M", false, 3));
  EXPECT_EQ(ReadBytes(out_), ReadBytes(dir_ / "three.gguf"));
}

TEST_F(QuantizeFileTest, EveryTensorIsItsOwnWeightsQuantized) {
  ASSERT_TRUE(Quantized(source_, out_, "Q4_0", true));
  const auto file = Gguf::Open(out_), source = Gguf::Open(source_);
  ASSERT_TRUE(file && source);
  for (const GgufTensor& from : source->tensors()) {
    const GgufTensor& to = *file->FindTensor(from.name);
    std::vector<float> values(from.elements());
    Dequantize(from.type, from.data.data(), values.size(), values.data());
    std::vector<std::byte> expected(to.data.size());
    if (from.dims.size() > 1) {
      EXPECT_EQ(to.type, TensorType::kQ4_0);
      Quantize(to.type, values.data(), values.size(), expected.data());
    } else {
      expected.assign(from.data.begin(), from.data.end());
    }
    EXPECT_TRUE(std::ranges::equal(to.data, expected)) << from.name;
  }
}

TEST_F(QuantizeFileTest, ThroughFloat32AndBackIsTheSame) {
  ASSERT_TRUE(Quantized(source_, dir_ / "f32.gguf", "F32"));
  ASSERT_TRUE(Quantized(dir_ / "f32.gguf", out_, "F16"));
  const auto file = Gguf::Open(out_), source = Gguf::Open(source_);
  ASSERT_TRUE(file && source);
  for (const GgufTensor& t : source->tensors())
    EXPECT_TRUE(std::ranges::equal(t.data, file->FindTensor(t.name)->data)) << t.name;
}

TEST_F(QuantizeFileTest, QuantizedModelsMayBeQuantizedAgain) {
  ASSERT_TRUE(Quantized(source_, dir_ / "q8.gguf", "Q8_0"));
  ASSERT_TRUE(Quantized(dir_ / "q8.gguf", out_, "Q4_K_M"));
  EXPECT_LT(std::filesystem::file_size(out_), 0.7 * double(std::filesystem::file_size(dir_ / "q8.gguf")));
}

TEST_F(QuantizeFileTest, WhatNoBlockCanExpressIsRefusedByName) {
  const struct {
    float value;
    const char* mix;
    const char* expected;  // nullptr: written
  } cases[] = {
      {NAN, "Q4_0", "tensor 'w.weight' holds nan in row 1, column 3"},
      {-INFINITY, "Q8_0", "holds -inf in row 1, column 3"},
      {70000, "Q8_0", "beyond the range of Q8_0 (65504)"},
      {70000, "F16", "beyond the range of F16 (65504)"},
      {65504, "F16", nullptr},
      {70000, "BF16", nullptr},
      {NAN, "BF16", nullptr},
  };
  for (const auto& c : cases) {
    std::vector<float> values(512, 0.5f);
    values[259] = c.value;
    values[400] = c.value;
    WriteMatrix(dir_ / "w.gguf", values);
    std::filesystem::remove(out_);
    const Status status = Quantized(dir_ / "w.gguf", out_, c.mix, true);
    EXPECT_EQ(bool(status), c.expected == nullptr) << c.mix << " " << c.value;
    if (!c.expected) continue;
    EXPECT_THAT(status.error().what, HasSubstr(c.expected));
    EXPECT_FALSE(std::filesystem::exists(out_));
  }
}

TEST_F(QuantizeFileTest, StopsWhenAskedTo) {
  const Status status = Quantized(source_, out_, "Q4_0", false, 1, [](double done) { return done < 0.5; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kCancelled);
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(QuantizeFileTest, MetadataOfTheWrongTypeIsRefused) {
  GgufHeader header;
  header.Set<std::string_view>("general.architecture", "llama");
  header.Set<std::string_view>("llama.block_count", "two");
  auto file = FileWriter::Create(dir_ / "odd.gguf");
  ASSERT_TRUE(file);
  auto writer = GgufWriter::Create(std::move(header), std::move(*file));
  ASSERT_TRUE(writer && writer->Commit());
  const Status status = Quantized(dir_ / "odd.gguf", out_, "Q4_K_M");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kCorrupt);
  EXPECT_THAT(status.error().what, HasSubstr("llama.block_count"));
}

}  // namespace
}  // namespace hasten
