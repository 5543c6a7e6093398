#include "kernels/dequant/dequant.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <span>
#include <vector>

#include "base/half.h"
#include "base/random.h"
#include "kernels/dequant/k_scales.h"

namespace hasten {
namespace {

std::vector<uint8_t> RandomBytes(uint64_t seed, size_t size) {
  std::vector<uint8_t> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = uint8_t(RandomBits(seed, i));
  return bytes;
}

std::vector<float> Dequantized(TensorType type, const void* blocks, size_t elements) {
  std::vector<float> out(elements);
  Dequantize(type, blocks, elements, out.data());
  return out;
}

// FNV-1a over the bits of the values; zeros lose their sign, NaNs their payload.
uint64_t HashOf(std::span<const float> values) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const float v : values) hash = (hash ^ std::bit_cast<uint32_t>(std::isnan(v) ? NAN : v + 0.0f)) * 0x100000001b3;
  return hash;
}

// 200 blocks of 256 weights of random bytes: every scale, table entry and bit position occurs. The expected hashes are of
// what ggml's own to_float functions (llama.cpp v0.5.0) make of the same bytes.
struct KnownAnswer {
  TensorType type;
  uint64_t hash;
};
constexpr KnownAnswer kKnownAnswers[] = {
    {TensorType::kF16, 0x1265b6b5f7dc4325},    {TensorType::kBF16, 0x8e01bcf0c062c325},
    {TensorType::kQ4_0, 0x6e455e50fb7c3b25},   {TensorType::kQ4_1, 0x358ab2d040b2b30e},
    {TensorType::kQ5_0, 0xf831056d67686125},   {TensorType::kQ5_1, 0x039ff23c0de90aa7},
    {TensorType::kQ8_0, 0xa0651f19ec654b25},   {TensorType::kQ2_K, 0x1a5ee103f651655f},
    {TensorType::kQ3_K, 0xa5c636a7784e1a65},   {TensorType::kQ4_K, 0x5d10e82cacf96312},
    {TensorType::kQ5_K, 0x76c5a1b30cc00a40},   {TensorType::kQ6_K, 0x75bbbe7a17c4c215},
    {TensorType::kIQ4_NL, 0x0c8cccc261681c65}, {TensorType::kIQ4_XS, 0x76d02b081b1bd1ed},
    {TensorType::kIQ3_S, 0xde70e907d063d085},  {TensorType::kTQ1_0, 0x3f8a33cbaf1fe325},
    {TensorType::kTQ2_0, 0x3f1969593fba8325},  {TensorType::kMXFP4, 0xce79e5b36afdc325},
};
constexpr size_t kKnownElements = 200 * 256;

std::vector<uint8_t> KnownBlocks(const TensorTypeInfo& info) {
  return RandomBytes(uint64_t(info.type), kKnownElements / info.block_elements * info.block_bytes);
}

TEST(Dequantize, AgreesWithGgmlBitForBit) {
  for (const auto& [type, hash] : kKnownAnswers)
    EXPECT_EQ(HashOf(Dequantized(type, KnownBlocks(InfoOf(type)).data(), kKnownElements)), hash) << InfoOf(type).name;
  EXPECT_EQ(std::size(kKnownAnswers), TensorTypes().size() - 1) << "every type but F32 has a known answer";
}

TEST(Dequantize, OneWrongBlockIsNoticed) {
  for (const auto& [type, hash] : kKnownAnswers) {
    std::vector<uint8_t> blocks = KnownBlocks(InfoOf(type));
    for (size_t i = 0; i < InfoOf(type).block_bytes; ++i) blocks[i] ^= 4;
    EXPECT_NE(HashOf(Dequantized(type, blocks.data(), kKnownElements)), hash) << InfoOf(type).name;
  }
}

TEST(Dequantize, CopiesFloats) {
  const float values[] = {0.0f, -1.5f, 0x1p-149f, 3e38f, INFINITY};
  EXPECT_EQ(Dequantized(TensorType::kF32, values, 5), (std::vector<float>{values, values + 5}));
}

TEST(Dequantize, ReadsUnalignedBlocks) {
  for (const auto& info : TensorTypes()) {
    const std::vector<uint8_t> blocks = RandomBytes(3, 256 / info.block_elements * info.block_bytes);
    std::vector<uint8_t> shifted(1);
    shifted.insert(shifted.end(), blocks.begin(), blocks.end());
    EXPECT_EQ(HashOf(Dequantized(info.type, blocks.data(), 256)), HashOf(Dequantized(info.type, shifted.data() + 1, 256)))
        << info.name;
  }
}

// Each byte of a block in turn takes all 256 values: nothing may trap, overflow or read outside (run under asan).
TEST(Dequantize, EveryByteMayHoldAnything) {
  for (const auto& info : TensorTypes()) {
    std::vector<uint8_t> block = RandomBytes(4, info.block_bytes);
    for (size_t i = 0; i < block.size(); ++i) {
      const uint8_t kept = block[i];
      for (int value = 0; value < 256; ++value) {
        block[i] = uint8_t(value);
        Dequantized(info.type, block.data(), info.block_elements);
      }
      block[i] = kept;
    }
  }
}

TEST(Dequantize, ANanScaleMakesNans) {
  std::vector<uint8_t> block(18, 0x11);
  block[0] = 0x01, block[1] = 0x7e;
  for (const float v : Dequantized(TensorType::kQ4_0, block.data(), 32)) EXPECT_TRUE(std::isnan(v));
}

TEST(Dequantize, MxFp4ScalesReachBothEnds) {
  std::vector<uint8_t> block(17, 0x99);  // both nibbles: -1, doubled table
  block[0] = 0;
  EXPECT_EQ(Dequantized(TensorType::kMXFP4, block.data(), 32)[0], -0x1p-128f);
  block[0] = 255;
  EXPECT_EQ(Dequantized(TensorType::kMXFP4, block.data(), 32)[31], -0x1p127f);
}

// weight = scale * q + offset, with one rounding however it is computed: fused or not.
TEST(DecodeIntegers, IsExact) {
  for (const auto& info : TensorTypes()) {
    if (!HasIntegerWeights(info.type)) continue;
    const std::vector<uint8_t> blocks = KnownBlocks(info);
    const std::vector<float> expected = Dequantized(info.type, blocks.data(), kKnownElements);
    std::vector<int8_t> q(kKnownElements);
    std::vector<float> scale(kKnownElements / kRun), offset(kKnownElements / kRun);
    DecodeIntegers(info.type, blocks.data(), kKnownElements, {q.data(), scale.data(), offset.data()});
    size_t wrong = 0;
    for (size_t i = 0; i < kKnownElements; ++i) {
      const float s = scale[i / kRun], o = offset[i / kRun], fused = std::fma(s, float(q[i]), o);
      const bool exact = double(s) * q[i] == double(s * float(q[i])) || !std::isfinite(s * float(q[i]));
      wrong += !exact || (fused != expected[i] && !std::isnan(expected[i]));
    }
    EXPECT_EQ(wrong, 0u) << info.name;
  }
}

TEST(DecodeIntegers, FloatTypesHaveNone) {
  for (const TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kBF16}) EXPECT_FALSE(HasIntegerWeights(type));
}

TEST(KScales, SurviveARoundTrip) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    KScales k;
    for (size_t j = 0; j < 8; ++j) {
      k.scale[j] = uint8_t(RandomBits(seed, j) & 63);
      k.min[j] = uint8_t(RandomBits(seed, 8 + j) & 63);
    }
    uint8_t packed[12];
    PackKScales(k, packed);
    const KScales back = UnpackKScales(packed);
    for (size_t j = 0; j < 8; ++j) {
      EXPECT_EQ(back.scale[j], k.scale[j]);
      EXPECT_EQ(back.min[j], k.min[j]);
    }
  }
}

}  // namespace
}  // namespace hasten
