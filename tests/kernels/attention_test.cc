// Attention against a double-precision oracle, and the promise that a query's bytes depend on nothing but itself and what it
// sees. Everything a block holds outside of that is NaN here.
#include "kernels/attention/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "base/aligned.h"
#include "base/half.h"
#include "kernels/attention/append.h"
#include "tests/kernels/variants.h"

namespace hasten {
namespace {

struct Shape {
  size_t width;
  KvType type = KvType::kF16;
  float scale = 0.2f, softcap = 0;
  bool sinks = false;
};

// Blocks of one key/value head. Position p of sequence s holds Key(s, p) and Value(s, p).
class Cache {
 public:
  Cache(const Shape& shape, size_t blocks) : shape_(shape), bytes_(blocks * BlockBytes()) {
    std::memset(bytes_.data(), 0xff, bytes_.size());
  }
  size_t BlockBytes() const { return KvBlockBytes(1, shape_.width, shape_.type); }
  const std::byte* base() const { return bytes_.data(); }
  void Fill(const std::vector<int32_t>& ids, size_t begin, size_t end, uint64_t seed) {
    for (size_t p = begin; p < end; ++p)
      StoreKvVariants().back().fn({Key(seed, p).data(), Value(seed, p).data(), shape_.width, shape_.type, p % kKvBlock,
                                   bytes_.data() + size_t(ids[p / kKvBlock]) * BlockBytes()});
  }
  std::vector<float> Key(uint64_t seed, size_t p) const { return RandomFloats(seed * 1000 + p, shape_.width, 2); }
  std::vector<float> Value(uint64_t seed, size_t p) const { return RandomFloats(seed * 1000 + p + 500, shape_.width); }

 private:
  Shape shape_;
  AlignedBuffer<std::byte> bytes_;
};

struct Seen {
  size_t first, last;
};

struct Case {
  Shape shape;
  std::vector<float> q;  // [queries, width]
  std::vector<Seen> seen;
  std::vector<std::vector<int32_t>> blocks;  // of each query's sequence
};

std::vector<float> Attend(AttendFn* fn, const Case& c, const Cache& cache, const std::vector<size_t>& which) {
  const size_t width = c.shape.width;
  std::vector<float> out(c.seen.size() * width, NAN);
  std::vector<AttendQuery> queries;
  for (size_t i : which)
    queries.push_back({.q = &c.q[i * width],
                       .out = &out[i * width],
                       .blocks = c.blocks[i].data(),
                       .first = c.seen[i].first,
                       .last = c.seen[i].last,
                       .sink = 0.5f * float(i % 5)});
  AlignedBuffer<float> scratch(AttendScratchFloats(width));
  std::fill_n(scratch.data(), scratch.size(), NAN);
  fn({.queries = queries,
      .base = cache.base(),
      .block_bytes = cache.BlockBytes(),
      .width = width,
      .type = c.shape.type,
      .scale = c.shape.scale,
      .softcap = c.shape.softcap,
      .sinks = c.shape.sinks,
      .scratch = scratch.data()});
  return out;
}

// A key or a value as the cache holds it.
std::vector<double> Rounded(const std::vector<float>& x, KvType type) {
  std::vector<double> rounded(x.begin(), x.end());
  if (KvIsFixed(type)) {
    float peak = 0;
    for (float f : x) peak = std::max(peak, std::abs(f));
    const double scale = double(peak) / double(KvLargest(type));
    for (double& d : rounded) d = scale * std::nearbyint(d / scale);
  }
  for (size_t i = 0; i < x.size(); ++i) {
    if (type == KvType::kF16) rounded[i] = FloatFromHalf(HalfFromFloat(x[i]));
    if (type == KvType::kBF16) rounded[i] = FloatFromBf16(Bf16FromFloat(x[i]));
  }
  return rounded;
}

// How far an output may be from the oracle. Scores are good to some 2^-22 of their size (at most 10), weights to that
// absolutely, values are at most 1. With int16 keys a query has 12 bits and the weights 13, with int8 both have 15.
double Bound(KvType type) { return type == KvType::kI16 ? 5e-4 : type == KvType::kI8 ? 6e-5 : 1e-5; }

// Queries of one sequence (seed 1) further from the oracle than Bound. NaN is wrong.
size_t WrongQueries(const std::vector<float>& out, const Case& c, const Cache& cache) {
  size_t wrong = 0;
  const size_t width = c.shape.width;
  for (size_t i = 0; i < c.seen.size(); ++i) {
    std::vector<double> sum(width);
    double total = c.shape.sinks ? std::exp(0.5 * double(i % 5)) : 0;
    for (size_t p = c.seen[i].first; p <= c.seen[i].last; ++p) {
      const std::vector<double> key = Rounded(cache.Key(1, p), c.shape.type), value = Rounded(cache.Value(1, p), c.shape.type);
      double score = 0;
      for (size_t d = 0; d < width; ++d) score += double(c.q[i * width + d]) * key[d];
      score *= c.shape.scale;
      if (c.shape.softcap > 0) score = c.shape.softcap * std::tanh(score / c.shape.softcap);
      total += std::exp(score);
      for (size_t d = 0; d < width; ++d) sum[d] += std::exp(score) * value[d];
    }
    bool good = true;
    for (size_t d = 0; d < width; ++d) good = good && std::abs(out[i * width + d] - sum[d] / total) <= Bound(c.shape.type);
    wrong += !good;
  }
  return wrong;
}

std::vector<size_t> All(const Case& c) {
  std::vector<size_t> all(c.seen.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

// A prompt's rows as a causal model sees them, `window` positions back where it is not 0; block ids in a scrambled order.
Case Prompt(const Shape& shape, size_t rows, size_t past, size_t window) {
  Case c{shape, RandomFloats(7, rows * shape.width), {}, {}};
  std::vector<int32_t> ids;
  const size_t blocks = (past + rows) / kKvBlock + 1;
  for (size_t i = 0; i < blocks; ++i) ids.push_back(int32_t(blocks - 1 - i));
  for (size_t i = 0; i < rows; ++i) {
    const size_t last = past + i;
    c.seen.push_back({window != 0 && last >= window ? last - window + 1 : 0, last});
    c.blocks.push_back(ids);
  }
  return c;
}

const std::vector<Shape> kShapes = {
    {.width = 64},
    {.width = 64, .type = KvType::kBF16},
    {.width = 64, .type = KvType::kF32},
    {.width = 32, .softcap = 3},
    {.width = 128, .scale = 0.1f, .sinks = true},
    {.width = 40, .type = KvType::kF32},
    {.width = 17, .sinks = true},
    {.width = 96, .type = KvType::kBF16, .softcap = 10},
    {.width = 64, .type = KvType::kI16},
    {.width = 64, .type = KvType::kI8},
    {.width = 160, .type = KvType::kI16, .scale = 0.1f, .sinks = true},  // three sums a score, the last one shorter
    {.width = 576, .type = KvType::kI8, .scale = 0.05f},
    {.width = 33, .type = KvType::kI16, .softcap = 3},
    {.width = 17, .type = KvType::kI8, .softcap = 10, .sinks = true},
};

TEST(Attention, EveryVariantMatchesTheOracle) {
  for (const auto& v : RunnableHere(AttendVariants()))
    for (const Shape& shape : kShapes)
      for (size_t rows : {1, 3, 19})
        for (size_t past : {0, 1, 31, 77})
          for (size_t window : {0, 1, 40}) {
            const Case c = Prompt(shape, rows, past, window);
            Cache cache(shape, 32 + (past + rows) / kKvBlock);
            cache.Fill(c.blocks[0], 0, past + rows, 1);
            EXPECT_EQ(WrongQueries(Attend(v.fn, c, cache, All(c)), c, cache), 0u)
                << v.name << " width " << shape.width << " rows " << rows << " past " << past << " window " << window;
          }
}

TEST(Attention, CheckerCatchesOnePositionTooFew) {
  for (const KvType type : kKvTypes) {
    const Case c = Prompt({.width = 64, .type = type}, 3, 40, 0);
    Cache cache(c.shape, 32);
    cache.Fill(c.blocks[0], 0, 43, 1);
    Case blind = c;
    blind.seen[1].first = 1;
    EXPECT_EQ(WrongQueries(Attend(RunnableHere(AttendVariants()).front().fn, blind, cache, All(c)), c, cache), 1u)
        << KvTypeName(type);
  }
}

// int8 where int16 was meant is a hundredth of a value away.
TEST(Attention, CheckerCatchesKeysRoundedTooFar) {
  Case c = Prompt({.width = 64, .type = KvType::kI8}, 5, 40, 0);
  Cache cache(c.shape, 32);
  cache.Fill(c.blocks[0], 0, 45, 1);
  const std::vector<float> out = Attend(RunnableHere(AttendVariants()).front().fn, c, cache, All(c));
  c.shape.type = KvType::kI16;
  EXPECT_EQ(WrongQueries(out, c, cache), 5u);
}

TEST(Attention, AQueryAloneHasTheBytesItHasInAStack) {
  for (const auto& v : RunnableHere(AttendVariants()))
    for (const Shape& shape : kShapes)
      for (size_t window : {0, 33}) {
        const Case c = Prompt(shape, 61, 50, window);
        Cache cache(shape, 128);
        cache.Fill(c.blocks[0], 0, 111, 1);
        const std::vector<float> together = Attend(v.fn, c, cache, All(c));
        for (size_t i = 0; i < c.seen.size(); ++i) {
          const std::vector<float> alone = Attend(v.fn, c, cache, {i});
          EXPECT_EQ(std::memcmp(&alone[i * shape.width], &together[i * shape.width], shape.width * 4), 0)
              << v.name << " width " << shape.width << " window " << window << " query " << i;
        }
      }
}

// Branches that share the blocks of a prefix give the bytes of branches that each hold a copy.
TEST(Attention, SharedBlocksGiveTheBytesOfCopies) {
  constexpr size_t kPrefix = 3 * kKvBlock, kBranches = 13, kOwn = kKvBlock + kKvBlock / 2;
  for (const auto& v : RunnableHere(AttendVariants()))
    for (const Shape& shape : kShapes) {
      Cache cache(shape, 3 + kBranches * 5);
      Case shared{shape, RandomFloats(3, kBranches * shape.width), {}, {}}, copies = shared;
      for (size_t b = 0; b < kBranches; ++b) {
        const int32_t own = int32_t(3 + 5 * b);
        shared.blocks.push_back({0, 1, 2, own, own + 1});
        copies.blocks.push_back({own + 2, own + 3, own + 4, own, own + 1});
        cache.Fill(shared.blocks[b], 0, kPrefix, 1);
        cache.Fill(copies.blocks[b], 0, kPrefix, 1);
        cache.Fill(shared.blocks[b], kPrefix, kPrefix + kOwn, 2 + b);
        shared.seen.push_back({0, kPrefix + kOwn - 1 - b % 2});
      }
      copies.seen = shared.seen;
      EXPECT_EQ(std::memcmp(Attend(v.fn, shared, cache, All(shared)).data(), Attend(v.fn, copies, cache, All(copies)).data(),
                            kBranches * shape.width * 4),
                0)
          << v.name << " width " << shape.width;
    }
}

// Numbers that are all as large as they come give the largest sums: a key that agrees with the query everywhere, and its
// opposite. A sum that left 32 bits would change its sign, and the two keys their places.
TEST(Attention, TheLargestSumsOfFixedPointKeepTheirSign) {
  for (const auto& v : RunnableHere(AttendVariants()))
    for (const KvType type : {KvType::kI16, KvType::kI8})
      for (const size_t width : {1, 64, 100, 128, 256, 600, 1024}) {
        Case c{{.width = width, .type = type, .scale = 1 / float(width)}, {}, {{0, kKvBlock - 1}}, {{0}}};
        std::vector<float> key(width), opposite(width), value(width, 1), other(width, -1);
        for (size_t d = 0; d < width; ++d) opposite[d] = -(key[d] = d % 3 == 0 ? -1 : 1);
        c.q = key;
        Cache cache(c.shape, 1);
        for (size_t p = 0; p < kKvBlock; ++p)
          StoreKvVariants().back().fn({(p == 0 ? key : opposite).data(), (p == 0 ? value : other).data(), width, type, p,
                                       const_cast<std::byte*>(cache.base())});
        const std::vector<float> out = Attend(v.fn, c, cache, {0});
        const double agreeing = std::exp(1.0), opposing = double(kKvBlock - 1) * std::exp(-1.0);
        for (size_t d = 0; d < width; ++d)
          EXPECT_NEAR(out[d], (agreeing - opposing) / (agreeing + opposing), 1e-3) << v.name << " " << width;
      }
}

TEST(StoreKv, EveryVariantStoresTheBytesOfTheReference) {
  for (const auto& variant : RunnableHere(StoreKvVariants()))
    for (KvType type : kKvTypes)
      for (size_t width : {1, 4, 17, 64, 72, 130}) {
        std::vector<float> k = RandomFloats(1, width), v = RandomFloats(2, width, 1e-6f);
        const std::vector<float> odd = {NAN,      1e6f,       -1e6f,       65519,           65520,
                                        0x1p-25f, 0x1.8p-25f, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, -0.0f};
        for (size_t i = 0; i < std::min(width, odd.size()); ++i) k[i] = v[width - 1 - i] = odd[i];
        std::vector<std::byte> got(KvHeadBytes(width, type)), expected = got;
        for (size_t slot : {size_t{0}, kKvBlock - 1}) {
          variant.fn({k.data(), v.data(), width, type, slot, got.data()});
          StoreKvVariants().back().fn({k.data(), v.data(), width, type, slot, expected.data()});
        }
        EXPECT_EQ(got, expected) << variant.name << " type " << int(type) << " width " << width;
      }
}

// Numbers of a head in fixed point that are further than half a step from what was stored, and its scale.
template <class T>
size_t WrongNumbers(const std::vector<std::byte>& head, const std::vector<float>& x, size_t first, size_t step,
                    size_t scale_at) {
  float scale, peak = 0;
  std::memcpy(&scale, head.data() + scale_at * sizeof(float), sizeof(float));
  for (float f : x) peak = std::max(peak, std::abs(f));
  const float largest = KvLargest(sizeof(T) == 1 ? KvType::kI8 : KvType::kI16);
  size_t wrong = std::abs(scale * largest - peak) > 1e-6f * peak;
  for (size_t i = 0; i < x.size(); ++i) {
    T number;
    const size_t at = step == 0 ? i / 2 * 2 * kKvBlock + i % 2 : i * step;  // keys: pairs of them, a block apart
    std::memcpy(&number, head.data() + kKvScaleBytes + (first + at) * sizeof(T), sizeof(T));
    wrong += !(std::abs(float(number) * scale - x[i]) <= 0.5001f * scale);
  }
  return wrong;
}

template <class T>
void ExpectFixedPoint(KvType type) {
  for (const size_t width : {1, 2, 17, 64, 130})
    for (const float size : {1.0f, 1e-3f, 3e20f}) {
      const std::vector<float> k = RandomFloats(3, width, size), v = RandomFloats(4, width, size);
      std::vector<std::byte> head(KvHeadBytes(width, type));
      const size_t slot = kKvBlock - 1, values = (width + 1) / 2 * 2 * kKvBlock + slot / 2 * 2 * width + slot % 2;
      RunnableHere(StoreKvVariants()).front().fn({k.data(), v.data(), width, type, slot, head.data()});
      EXPECT_EQ(WrongNumbers<T>(head, k, 2 * slot, 0, slot), 0u) << width << " keys of " << size;
      EXPECT_EQ(WrongNumbers<T>(head, v, values, 2, kKvBlock + slot), 0u) << width << " values of " << size;
      head[kKvScaleBytes + (values + 2 * (width / 2)) * sizeof(T)] ^= std::byte{2};  // a twin: two steps off
      EXPECT_EQ(WrongNumbers<T>(head, v, values, 2, kKvBlock + slot), 1u) << width << " values of " << size;
    }
}

TEST(StoreKv, FixedPointIsWithinHalfAStep) {
  ExpectFixedPoint<int16_t>(KvType::kI16);
  ExpectFixedPoint<int8_t>(KvType::kI8);
}

TEST(StoreKv, FixedPointStaysFiniteWhateverComes) {
  const std::vector<float> k = {INFINITY, -INFINITY, NAN, 1, 3e38f}, v = {1e-38f, -1e-38f, 0, 1e-32f, -0.0f};
  for (const KvType type : {KvType::kI16, KvType::kI8}) {
    std::vector<std::byte> head(KvHeadBytes(5, type));
    RunnableHere(StoreKvVariants()).front().fn({k.data(), v.data(), 5, type, 0, head.data()});
    float scales[kKvBlock + 1];
    std::memcpy(scales, head.data(), sizeof scales);
    EXPECT_FLOAT_EQ(scales[0], 1e30f / KvLargest(type));
    EXPECT_EQ(scales[kKvBlock], 0);
  }
}

TEST(StoreKv, StoresWhatFloat16CannotHoldAsItsLargest) {
  const std::vector<float> k = {1e6f, -1e6f, 1, 0x1p-30f}, v = {-70000, 65504, NAN, 2};
  std::vector<uint16_t> head(KvHeadBytes(4, KvType::kF16) / 2);
  RunnableHere(StoreKvVariants())
      .front()
      .fn({k.data(), v.data(), 4, KvType::kF16, 1, reinterpret_cast<std::byte*>(head.data())});
  EXPECT_EQ(FloatFromHalf(head[1]), 65504);
  EXPECT_EQ(FloatFromHalf(head[kKvBlock + 1]), -65504);
  EXPECT_EQ(FloatFromHalf(head[2 * kKvBlock + 1]), 1);
  EXPECT_EQ(FloatFromHalf(head[4 * kKvBlock + 4]), -65504);
  EXPECT_EQ(FloatFromHalf(head[4 * kKvBlock + 5]), 65504);
  EXPECT_TRUE(std::isnan(FloatFromHalf(head[4 * kKvBlock + 6])));
}

}  // namespace
}  // namespace hasten
