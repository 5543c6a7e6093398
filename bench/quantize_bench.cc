// Writing and reading every tensor type, one thread, in nanoseconds of processor time a weight.
//
//   quantize_bench
//
// `error` is the root mean square error over the weights' size, on bell-shaped weights: what the time buys.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "base/random.h"
#include "kernels/dequant/dequant.h"
#include "kernels/quantize/quantize.h"

using namespace hasten;

namespace {

constexpr size_t kWeights = size_t{1} << 20;
constexpr int kRounds = 5;

// Processor time of this thread: a neighbour that takes the core for a while does not count.
double Now() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e9 * double(t.tv_sec) + double(t.tv_nsec);
}

template <class Work>
double NanosecondsAWeight(Work work) {
  std::vector<double> times;
  for (int i = 0; i < kRounds; ++i) {
    const double start = Now();
    work();
    times.push_back((Now() - start) / double(kWeights));
  }
  std::ranges::sort(times);
  return times[kRounds / 2];
}

std::vector<float> Weights() {
  std::vector<float> weights(kWeights);
  for (size_t i = 0; i < kWeights; ++i) {
    double sum = -6;
    for (size_t j = 0; j < 12; ++j) sum += RandomUnit(1, 12 * i + j);
    weights[i] = float(0.02 * sum);
  }
  return weights;
}

double RelativeError(const std::vector<float>& got, const std::vector<float>& expected) {
  double error = 0, size = 0;
  for (size_t i = 0; i < kWeights; ++i) {
    error += std::pow(double(got[i]) - expected[i], 2);
    size += std::pow(double(expected[i]), 2);
  }
  return std::sqrt(error / size);
}

}  // namespace

int main() {
  const std::vector<float> weights = Weights();
  std::vector<float> back(kWeights);
  std::vector<uint8_t> blocks(kWeights * sizeof(float));
  std::printf("%-7s %10s %10s %10s\n", "type", "write, ns", "read, ns", "error");
  for (const TensorTypeInfo& info : TensorTypes()) {
    if (!CanQuantize(info.type)) continue;
    const double write = NanosecondsAWeight([&] { Quantize(info.type, weights.data(), kWeights, blocks.data()); });
    const double read = NanosecondsAWeight([&] { Dequantize(info.type, blocks.data(), kWeights, back.data()); });
    std::printf("%-7s %10.1f %10.2f %10.4f\n", std::string(info.name).c_str(), write, read, RelativeError(back, weights));
  }
  return 0;
}
