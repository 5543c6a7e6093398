#include "kernels/matmul/matmul.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/aligned.h"
#include "kernels/dequant/dequant.h"
#include "tests/kernels/matmul/blocks.h"
#include "tests/kernels/variants.h"

namespace hasten {
namespace {

struct Shape {
  size_t rows, cols, n;
};

// A product's inputs, and what it should give: float64 sums of the exact weights times the activations as rounded.
struct Problem {
  TensorType type;
  Shape shape;
  std::vector<float> weights;  // [rows, cols], dequantised
  PackedMatrix packed;
  std::vector<float> x;  // [n, cols]
  AlignedBuffer<std::byte> memory;
  QuantRows quant{};
  std::vector<float> rounded;  // x after rounding to int8 (equal to x for float weights)
};

Problem MakeProblem(TensorType type, Shape s, uint64_t seed = 1) {
  Problem p{.type = type,
            .shape = s,
            .weights = {},
            .packed = *PackedMatrix::Make(type, s.rows, s.cols),
            .x = {},
            .memory = {},
            .rounded = {}};
  const auto blocks = RandomBlocks(type, s.rows * s.cols, seed);
  p.weights.resize(s.rows * s.cols);
  Dequantize(type, blocks.data(), s.rows * s.cols, p.weights.data());
  p.packed.Pack(blocks.data(), {0, p.packed.panels()});
  p.x.resize(s.n * s.cols);
  for (size_t i = 0; i < p.x.size(); ++i) p.x[i] = 4 * float(RandomUnit(seed + 2, i)) - 2;
  p.rounded = p.x;
  if (p.packed.wants_int8()) {
    p.memory = AlignedBuffer<std::byte>(QuantRowsBytes(s.n, s.cols));
    p.quant = QuantRowsIn(p.memory.data(), s.n, s.cols);
    QuantizeRows({p.x.data(), s.cols, {0, s.n}, p.quant});
    for (size_t i = 0; i < s.n; ++i)
      for (size_t c = 0; c < s.cols; ++c) {
        const size_t e = p.quant.entry(c / 32, i);
        p.rounded[i * s.cols + c] = p.quant.scale[e] * p.quant.q[e * 32 + c % 32];
      }
  }
  return p;
}

// Rows that leave the bound: 4 eps sqrt(cols) times the sum of |terms|; NaN is wrong.
size_t WrongOutputs(const Problem& p, const std::vector<float>& y) {
  size_t wrong = 0;
  const auto [rows, cols, n] = p.shape;
  for (size_t i = 0; i < n; ++i)
    for (size_t r = 0; r < rows; ++r) {
      double sum = 0, size = 0;
      for (size_t c = 0; c < cols; ++c) {
        const double term = double(p.weights[r * cols + c]) * p.rounded[i * cols + c];
        sum += term;
        size += std::fabs(term);
      }
      const double bound = 4 * 0x1p-24 * std::sqrt(double(cols)) * size + 1e-30;
      if (!(std::fabs(y[i * rows + r] - sum) <= bound)) ++wrong;
    }
  return wrong;
}

std::vector<float> Product(const Problem& p, Range panels, Range rows, std::vector<float> y, Store store = Store::kSet) {
  const MatMulOut out{y.data(), p.shape.rows, store};
  if (p.packed.wants_int8()) {
    MatMulInt({p.packed, panels, p.quant, rows, out});
  } else {
    MatMulFloat({p.packed, panels, p.x.data(), p.shape.cols, rows, out});
  }
  return y;
}

std::vector<float> Product(const Problem& p) {
  return Product(p, {0, p.packed.panels()}, {0, p.shape.n}, std::vector<float>(p.shape.n * p.shape.rows, NAN));
}

template <class Body>
void OnEveryIsa(Body&& body) {
  const Isa& before = ActiveIsa();
  for (const Isa& isa : Isas()) {
    if (!RunsHere(isa)) continue;
    SCOPED_TRACE(isa.name);
    ForceIsa(isa);
    body();
  }
  ForceIsa(before);
}

std::vector<size_t> ColumnsFor(TensorType type) {
  const size_t block = InfoOf(type).block_elements;
  if (block == 1) return {1, 3, 32, 63, 257};
  return {block, 3 * block};
}

TEST(MatMul, EveryTypeOnEveryIsaAtOddSizes) {
  OnEveryIsa([] {
    for (const TensorTypeInfo& info : TensorTypes())
      for (size_t cols : ColumnsFor(info.type))
        for (size_t rows : {1, 15, 16, 35})
          for (size_t n : {1, 2, 3, 5, 16, 23, 24, 51}) {
            const Problem p = MakeProblem(info.type, {rows, cols, n});
            ASSERT_EQ(WrongOutputs(p, Product(p)), 0u) << info.name << " " << rows << "x" << cols << " n=" << n;
          }
  });
}

TEST(MatMul, CheckerCatchesOneWrongWeight) {
  for (const TensorTypeInfo& info : TensorTypes()) {
    Problem p = MakeProblem(info.type, {5, info.block_elements == 1 ? 64 : info.block_elements, 3});
    const auto by_size = [](float a, float b) { return std::fabs(a) < std::fabs(b); };
    *std::max_element(p.weights.begin(), p.weights.end(), by_size) *= 1.02f;
    EXPECT_GT(WrongOutputs(p, Product(p)), 0u) << info.name;
  }
}

TEST(MatMul, ARowGivesTheSameBytesAloneAndAmongOthers) {
  OnEveryIsa([] {
    for (const TensorTypeInfo& info : TensorTypes()) {
      const size_t cols = info.block_elements == 1 ? 77 : 256;
      const Problem all = MakeProblem(info.type, {40, cols, 37});
      const std::vector<float> together = Product(all);
      for (size_t i : {0, 7, 23, 24, 30, 36}) {
        Problem one = MakeProblem(info.type, {40, cols, 1});
        one.x.assign(all.x.begin() + i * cols, all.x.begin() + (i + 1) * cols);
        if (one.packed.wants_int8()) QuantizeRows({one.x.data(), cols, {0, 1}, one.quant});
        const std::vector<float> alone = Product(one);
        EXPECT_EQ(0, std::memcmp(alone.data(), &together[i * 40], 40 * 4)) << info.name << " row " << i;
      }
    }
  });
}

// Ways of multiplying that begin at some number of rows, with several stretches of columns, groups in part, and rows in
// remainders.
TEST(MatMul, ManyRowsGiveTheBytesOfFew) {
  OnEveryIsa([] {
    for (TensorType type : {TensorType::kQ4_0, TensorType::kQ4_K, TensorType::kQ5_K, TensorType::kQ6_K, TensorType::kQ8_0})
      for (const size_t n : {95, 96, 303}) {
        const Problem p = MakeProblem(type, {105, 1280, n});
        for (const Store store : {Store::kSet, Store::kAdd}) {
          const std::vector<float> before(n * p.shape.rows, 0.75f);
          for (const Range panels : {Range{0, 7}, Range{1, 6}}) {
            std::vector<float> few = before;
            for (size_t i = 0; i < n; i += kRowTile) few = Product(p, panels, {i, std::min(n, i + kRowTile)}, few, store);
            const std::vector<float> many = Product(p, panels, {0, n}, before, store);
            ASSERT_EQ(0, std::memcmp(few.data(), many.data(), few.size() * 4)) << InfoOf(type).name << " n=" << n;
          }
        }
        if (n == 96) {
          ASSERT_EQ(WrongOutputs(p, Product(p)), 0u) << InfoOf(type).name;
        }
      }
  });
}

TEST(MatMul, TheMatrixUnitHasTheBytesOfTheVectorUnit) {
  const auto amx = IsaFromName("amx"), avx512 = IsaFromName("avx512");
  if (!amx || !avx512) GTEST_SKIP() << "this processor has no AMX";
  const Isa& before = ActiveIsa();
  for (const TensorTypeInfo& info : TensorTypes())
    for (size_t rows : {32, 49}) {
      const Problem problem = MakeProblem(info.type, {40, 512, rows});
      ForceIsa(**amx);
      const std::vector<float> tiles = Product(problem);
      ForceIsa(**avx512);
      const std::vector<float> vectors = Product(problem);
      EXPECT_EQ(0, std::memcmp(tiles.data(), vectors.data(), tiles.size() * 4)) << info.name << " rows " << rows;
    }
  ForceIsa(before);
}

TEST(MatMul, SplitWorkGivesTheSameBytes) {
  OnEveryIsa([] {
    for (TensorType type : {TensorType::kQ4_0, TensorType::kQ6_K, TensorType::kF16}) {
      const Problem p = MakeProblem(type, {50, 256, 40});
      std::vector<float> y(40 * 50, NAN);
      for (Range panels : {Range{0, 1}, Range{1, 4}})
        for (Range rows : {Range{0, 2 * kRowTile}, Range{2 * kRowTile, 40}}) y = Product(p, panels, rows, y);
      EXPECT_EQ(0, std::memcmp(y.data(), Product(p).data(), y.size() * 4));
    }
  });
}

TEST(MatMul, AddsToWhatIsThere) {
  OnEveryIsa([] {
    for (TensorType type : {TensorType::kQ4_K, TensorType::kBF16}) {
      const Problem p = MakeProblem(type, {21, 256, 3});
      const std::vector<float> product = Product(p);
      const std::vector<float> sum = Product(p, {0, p.packed.panels()}, {0, 3}, std::vector<float>(63, 2.5f), Store::kAdd);
      for (size_t i = 0; i < sum.size(); ++i) EXPECT_EQ(sum[i], 2.5f + product[i]);
    }
  });
}

TEST(MatMul, WideValuesDoNotOverflow) {  // every byte of weights and activations at its extreme
  OnEveryIsa([] {
    for (const int byte : {0x80, 0x7f, 0xff, 0x00}) {
      std::vector<uint8_t> blocks(16 * 34, uint8_t(byte));
      const uint16_t one = HalfFromFloat(1);
      for (size_t r = 0; r < 16; ++r) std::memcpy(&blocks[r * 34], &one, 2);
      Problem p = MakeProblem(TensorType::kQ8_0, {16, 32, 2});
      p.packed.Pack(blocks.data(), {0, 1});
      Dequantize(TensorType::kQ8_0, blocks.data(), 16 * 32, p.weights.data());
      for (size_t c = 0; c < 64; ++c) p.x[c] = p.rounded[c] = c < 32 ? 127 : -127;
      QuantizeRows({p.x.data(), 32, {0, 2}, p.quant});
      EXPECT_EQ(WrongOutputs(p, Product(p)), 0u) << byte;
    }
  });
}

TEST(PackedMatrix, UnpacksEveryTypeExactly) {
  for (const TensorTypeInfo& info : TensorTypes()) {
    const Problem p = MakeProblem(info.type, {19, info.block_elements == 1 ? 33 : 2 * info.block_elements, 1});
    std::vector<float> row(p.shape.cols);
    for (size_t r = 0; r < 19; ++r) {
      p.packed.UnpackRow(r, row.data());
      for (size_t c = 0; c < p.shape.cols; ++c)
        ASSERT_EQ(row[c], p.weights[r * p.shape.cols + c]) << info.name << " " << r << "," << c;
    }
  }
}

TEST(PackedMatrix, RefusesColumnsThatAreNoWholeBlocks) {
  EXPECT_FALSE(PackedMatrix::Make(TensorType::kQ4_0, 4, 33));
  EXPECT_FALSE(PackedMatrix::Make(TensorType::kQ4_K, 4, 128));
  EXPECT_FALSE(PackedMatrix::Make(TensorType::kF32, 0, 128));
}

TEST(QuantizeRows, RoundsToNearestWithTheLargestAt127) {
  OnEveryIsa([] {
    Problem p = MakeProblem(TensorType::kQ4_0, {1, 96, 19});
    for (size_t i = 0; i < 19; ++i)
      for (size_t c = 0; c < 96; ++c) {
        const size_t e = p.quant.entry(c / 32, i);
        EXPECT_LE(std::fabs(p.x[i * 96 + c] - p.rounded[i * 96 + c]), 0.5001f * p.quant.scale[e]);
      }
    for (size_t e = 0; e < 19 * 3; ++e) {
      int sum = 0, most = 0;
      for (size_t c = 0; c < 32; ++c) {
        sum += p.quant.q[e * 32 + c];
        most = std::max(most, std::abs(p.quant.q[e * 32 + c]));
      }
      EXPECT_EQ(most, 127);
      EXPECT_EQ(p.quant.start8[e], kMagicBits - 8 * sum);
      EXPECT_EQ(p.quant.start32_halves[2 * e] - kMagicBits + p.quant.start32_halves[2 * e + 1], kMagicBits - 32 * sum);
    }
  });
}

// All nine arrays. A NaN, an infinity or a block of nearly nothing among others changes itself alone.
std::string BytesOf(const QuantRows& x) {
  const size_t e = x.n * x.blocks();
  std::string bytes;
  const auto add = [&](const void* p, size_t size) { bytes.append(static_cast<const char*>(p), size); };
  add(x.q, e * 32), add(x.scale, e * 4), add(x.minus_magic, e * 4), add(x.scaled_sum, e * 4), add(x.scaled_halves, e * 8);
  add(x.start8, e * 4), add(x.start128, e * 4), add(x.start32_halves, e * 8), add(x.start128_halves, e * 8);
  return bytes;
}

TEST(QuantizeRows, EveryVariantHasTheBytesOfTheReference) {
  for (const size_t cols : {32, 96, 576, 1536})
    for (const size_t n : {1, 2, 7, 16, 23, 40})
      for (const float special : {0.5f, 0.0f, 1e-33f, 3e38f, INFINITY}) {
        Problem p = MakeProblem(TensorType::kQ4_0, {1, cols, n});
        const size_t block = n * cols / 32 / 2;
        std::fill_n(p.x.begin() + ptrdiff_t(block * 32), 32, special);
        std::string expected;
        for (const auto& variant : RunnableHere(QuantizeRowsVariants())) {
          const size_t middle = n / 3;  // lanes may split anywhere
          variant.fn({p.x.data(), cols, {0, middle}, p.quant});
          variant.fn({p.x.data(), cols, {middle, n}, p.quant});
          if (expected.empty()) expected = BytesOf(p.quant);
          EXPECT_EQ(BytesOf(p.quant), expected) << variant.name << " " << n << "x" << cols << " with " << special;
        }
      }
}

TEST(QuantizeRows, PartsOfATileFillTheirPartsOfEveryArray) {
  OnEveryIsa([] {
    for (const size_t cols : {32, 96, 1536})
      for (const size_t n : {1, 3, 15, 16}) {
        Problem p = MakeProblem(TensorType::kQ4_0, {1, cols, n});
        const std::string expected = BytesOf(p.quant);
        const size_t blocks = cols / 32, cut = blocks / 3;
        const auto quantise = [&](const float* x) {
          std::memset(p.memory.data(), 0x5a, QuantRowsBytes(n, cols));
          for (const Range part : {Range{0, cut}, Range{cut, blocks}})
            QuantizeRows({x + part.begin * 32, cols, {0, n}, OfBlocks(p.quant, part)});
          return BytesOf(p.quant);
        };
        EXPECT_EQ(quantise(p.x.data()), expected) << n << "x" << cols;
        std::swap(p.x.front(), p.x.back());
        EXPECT_NE(quantise(p.x.data()), expected) << n << "x" << cols;
      }
  });
}

TEST(QuantizeRows, WhatIsNotFiniteStaysVisible) {
  OnEveryIsa([] {
    for (float bad : {NAN, -NAN, INFINITY, -INFINITY})
      for (size_t where : {0, 5, 16, 31}) {
        Problem p = MakeProblem(TensorType::kQ4_0, {4, 64, 1});
        p.x[where] = bad;
        QuantizeRows({p.x.data(), 64, {0, 1}, p.quant});
        EXPECT_FALSE(std::isfinite(Product(p)[0]));
      }
    Problem zeros = MakeProblem(TensorType::kQ4_0, {4, 64, 1});
    std::fill(zeros.x.begin(), zeros.x.end(), 0.0f);
    QuantizeRows({zeros.x.data(), 64, {0, 1}, zeros.quant});
    EXPECT_EQ(Product(zeros)[0], 0.0f);
  });
}

}  // namespace
}  // namespace hasten
