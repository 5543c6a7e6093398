// What a processor can do at the most: loops that do nothing but read, or nothing but multiply and add, as fast as an
// instruction set allows. The measure that the speed of a model is stated against.
//
// Threads  pure; every lane runs its own loop, over its own bytes.
// Bytes    results are checked by tests, so that a loop which a compiler has emptied is noticed.
// Source   written here. Two multiply units with a latency of four or five cycles need ten sums in flight.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/variant.h"

namespace hasten {

// The exclusive or of all 64-bit words of [data, data + bytes); data 64-byte aligned, bytes a multiple of kReadGrain.
inline constexpr size_t kReadGrain = 512;
using ReadAllFn = uint64_t(const std::byte* data, size_t bytes);
uint64_t ReadAll(const std::byte* data, size_t bytes);
std::span<const Variant<ReadAllFn>> ReadAllVariants();

// `rounds` rounds of multiply-adds on registers, and what the products (3 times 1/2, or 3 times 2 for int8) add up to.
struct PeakWork {
  double multiply_adds;
  double sum;
};
using PeakFn = PeakWork(size_t rounds);
PeakWork Int8Peak(size_t rounds);  // unsigned times signed bytes into 32-bit sums
PeakWork FloatPeak(size_t rounds);
// BF16 products into float sums: a limit of every variant of at least AVX-512 where the processor has them, used or not. Null
// where it has none.
PeakFn* Bf16PeakOf();
std::span<const Variant<PeakFn>> Bf16PeakVariants();  // the last row, which needs nothing, has no function
std::span<const Variant<PeakFn>> Int8PeakVariants();
std::span<const Variant<PeakFn>> FloatPeakVariants();

}  // namespace hasten
