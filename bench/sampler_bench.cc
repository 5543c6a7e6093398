// What choosing a token costs, by vocabulary and options: it has to stay below 3 % of a step.
#include <benchmark/benchmark.h>

#include <cmath>

#include "base/random.h"
#include "engine/sampler.h"

namespace hasten {
namespace {

// Logits as language models have them: most of them some 10 to 20 below a few good ones.
std::vector<float> SomeLogits(size_t vocab) {
  std::vector<float> logits(vocab);
  for (size_t i = 0; i < vocab; ++i) {
    const double a = RandomUnit(1, 2 * i), b = RandomUnit(1, 2 * i + 1);
    logits[i] = float(3 * std::sqrt(-2 * std::log(a + 1e-12)) * std::cos(6.2831853 * b));
  }
  return logits;
}

void Sample(benchmark::State& state, const SamplerOptions& options) {
  const auto logits = SomeLogits(size_t(state.range(0)));
  Sampler sampler(options);
  uint64_t position = 0;
  for (auto _ : state) benchmark::DoNotOptimize(sampler.Sample(logits, {}, position++));
}

BENCHMARK_CAPTURE(Sample, greedy, {.temperature = 0})->Arg(49152)->Arg(151936);
BENCHMARK_CAPTURE(Sample, defaults, {})->Arg(49152)->Arg(151936);
BENCHMARK_CAPTURE(Sample, top_k, {.top_p = 1, .min_p = 0})->Arg(49152)->Arg(151936);
BENCHMARK_CAPTURE(Sample, top_p, {.top_k = 0, .min_p = 0})->Arg(49152)->Arg(151936);
BENCHMARK_CAPTURE(Sample, all, {.temperature = 1, .top_k = 0, .top_p = 1, .min_p = 0})->Arg(49152)->Arg(151936);

}  // namespace
}  // namespace hasten

BENCHMARK_MAIN();
