#include "kernels/limits/limits.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/aligned.h"
#include "base/random.h"

namespace hasten {
namespace {

template <class Fn>
bool Runs(const Variant<Fn>& v) {
  for (const Isa& isa : Isas())
    if (RunsHere(isa) && (v.needs & ~isa.features) == 0) return true;
  return false;
}

TEST(ReadAll, EveryVariantReadsEveryByte) {
  for (const size_t bytes : {size_t{0}, kReadGrain, 3 * kReadGrain, 64 * kReadGrain}) {
    AlignedBuffer<uint64_t> data(bytes / 8 + 1);
    uint64_t expected = 0;
    for (size_t i = 0; i < bytes / 8; ++i) expected ^= data[i] = RandomBits(1, i);
    for (const auto& v : ReadAllVariants()) {
      if (!Runs(v)) continue;
      EXPECT_EQ(v.fn(reinterpret_cast<const std::byte*>(data.data()), bytes), expected) << v.name << " " << bytes;
    }
  }
}

// A loop that the compiler emptied, or that counts what it did not do, has another sum.
TEST(Peaks, EveryVariantDoesTheWorkItCounts) {
  for (const size_t rounds : {0, 1, 1000}) {
    for (const auto& v : Int8PeakVariants()) {
      if (!Runs(v)) continue;
      const PeakWork work = v.fn(rounds);
      EXPECT_GE(work.multiply_adds, double(rounds)) << v.name;
      EXPECT_EQ(work.sum, 6 * work.multiply_adds) << v.name;
    }
    for (const auto& v : FloatPeakVariants()) {
      if (!Runs(v)) continue;
      const PeakWork work = v.fn(rounds);
      EXPECT_GE(work.multiply_adds, double(rounds)) << v.name;
      EXPECT_EQ(work.sum, 1.5 * work.multiply_adds) << v.name;
    }
    for (const auto& v : Bf16PeakVariants()) {
      if (v.fn == nullptr || !Runs(v)) continue;
      const PeakWork work = v.fn(rounds);
      EXPECT_EQ(work.sum, 1.5 * work.multiply_adds) << v.name;
    }
    if (PeakFn* const peak = Bf16PeakOf()) {
      const PeakWork work = peak(rounds);
      EXPECT_EQ(work.multiply_adds > 0, rounds > 0);
      EXPECT_EQ(work.sum, 1.5 * work.multiply_adds);
    }
  }
}

}  // namespace
}  // namespace hasten
