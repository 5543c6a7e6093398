// Weight products against the machine: one row of activations from memory in GB/s, many rows from cache in
// multiply-adds/s, each beside a peak measured in turns with it. One thread.
//
//   matmul_bench [TYPE…]
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>

#include "base/aligned.h"
#include "kernels/matmul/matmul.h"
#include "tests/kernels/matmul/blocks.h"

using namespace hasten;

// Processor time of this thread: a neighbour that takes the core for a while does not count.
static double Now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

static double Seconds(const std::function<void()>& work) {
  const double start = Now();
  work();
  return Now() - start;
}

static double Median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

static double Time(size_t repeats, const std::function<void()>& work) {
  work();
  std::vector<double> t;
  for (int run = 0; run < 9; ++run)
    t.push_back(Seconds([&] {
      for (size_t i = 0; i < repeats; ++i) work();
    }));
  return Median(t) / double(repeats);
}

// Sum of a large buffer by 64-byte words: what one core reads.
static double ReadGbs(const std::vector<uint64_t>& buffer) {
  volatile uint64_t sink = 0;
  const double t = Time(1, [&] {
    uint64_t sums[8] = {};
    for (size_t i = 0; i + 8 <= buffer.size(); i += 8)
      for (size_t j = 0; j < 8; ++j) sums[j] += buffer[i + j];
    for (uint64_t s : sums) sink = sink + s;
  });
  return 1e-9 * double(buffer.size() * 8) / t;
}

static void Measure(const TensorTypeInfo& info, size_t rows, size_t cols, size_t n, size_t repeats) {
  const auto blocks = RandomBlocks(info.type, rows * cols, 1);
  PackedMatrix w = *PackedMatrix::Make(info.type, rows, cols);
  w.Pack(blocks.data(), {0, w.panels()});
  std::vector<float> x(n * cols, 0.5f), y(n * rows);
  AlignedBuffer<std::byte> memory(QuantRowsBytes(n, cols));
  const QuantRows q = QuantRowsIn(memory.data(), n, cols);
  QuantizeRows({x.data(), cols, {0, n}, q});
  const double t = Time(repeats, [&] {
    if (w.wants_int8()) return MatMulInt({w, {0, w.panels()}, q, {0, n}, {y.data(), rows}});
    MatMulFloat({w, {0, w.panels()}, x.data(), cols, {0, n}, {y.data(), rows}});
  });
  std::printf("%-7s %6zux%-5zu n=%-4zu %7.1f GB/s %8.1f GMAC/s\n", info.name.data(), rows, cols, n,
              1e-9 * double(w.bytes()) / t, 1e-9 * double(rows * cols * n) / t);
}

int main(int argc, char** argv) {
  const std::vector<uint64_t> buffer(size_t{32} << 20, 1);
  for (int i = 1; i < std::max(argc, 2); ++i) {
    const TensorTypeInfo& info = *FindTensorType(std::string_view(argc > 1 ? argv[i] : "Q4_0"));
    Measure(info, 65536, 4096, 1, 1);
    std::printf("        read                 %7.1f GB/s\n", ReadGbs(buffer));
    for (size_t n : {1, 2, 4, 8, 16, 24, 64}) Measure(info, 256, 1024, n, 2000 / n);
    Measure(info, 1536, 768, 512, 2);
  }
}
