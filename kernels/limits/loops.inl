// The loops of limits.h for one instruction set, written once. Included inside the namespace and target of an ISA file.
//
// Ops is a struct with, for ReadLoop   V, kBytes, ZeroV(), Load(p), Xor(a, b)      a register of bytes
//                      and, for PeakLoop   Sum, Element, Zero()                     a register of sums, and what one is
//                                          A(), B(), Hidden(v), MultiplyAdd(s, a, b)  kMultiplyAdds at once, kSums in flight

template <class Ops>
static uint64_t ReadLoop(const std::byte* data, size_t bytes) {
  constexpr size_t kStreams = kReadGrain / Ops::kBytes < 8 ? kReadGrain / Ops::kBytes : 8;
  typename Ops::V x[kStreams];
  for (auto& v : x) v = Ops::ZeroV();
  for (size_t i = 0; i < bytes; i += kStreams * Ops::kBytes) {
#pragma GCC unroll 8
    for (size_t j = 0; j < kStreams; ++j) x[j] = Ops::Xor(x[j], Ops::Load(data + i + j * Ops::kBytes));
  }
  for (size_t j = 1; j < kStreams; ++j) x[0] = Ops::Xor(x[0], x[j]);
  uint64_t words[Ops::kBytes / 8], result = 0;
  std::memcpy(words, &x[0], sizeof words);
  for (const uint64_t w : words) result ^= w;
  return result;
}

// Not inlined: sums whose address is taken would not stay in registers.
template <class Ops>
[[gnu::noinline]] static double Total(typename Ops::Sum sum) {
  typename Ops::Element elements[sizeof sum / sizeof(typename Ops::Element)];
  std::memcpy(elements, &sum, sizeof sum);
  double total = 0;
  for (const auto e : elements) total += double(e);
  return total;
}

template <class Ops>
static PeakWork PeakLoop(size_t rounds) {
  typename Ops::Sum sums[Ops::kSums];
#pragma GCC unroll 12
  for (size_t j = 0; j < Ops::kSums; ++j) {
    sums[j] = Ops::Hidden(Ops::Zero());  // the compiler cannot know that all sums are equal, and so cannot keep only one
  }
  auto a = Ops::A(), b = Ops::B();
  for (size_t r = 0; r < rounds; ++r) {
    a = Ops::Hidden(a);  // the compiler cannot know that the factors stay the same, and so cannot multiply once for all rounds
#pragma GCC unroll 12
    for (size_t j = 0; j < Ops::kSums; ++j) sums[j] = Ops::MultiplyAdd(sums[j], a, b);
  }
  PeakWork work = {double(rounds) * double(Ops::kSums * Ops::kMultiplyAdds), 0};
#pragma GCC unroll 12
  for (size_t j = 0; j < Ops::kSums; ++j) work.sum += Total<Ops>(sums[j]);
  return work;
}
