// Short convolutions and the gated delta rule: against double precision, and a chunk against its tokens one by one.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "kernels/conv/short_conv.h"
#include "kernels/delta/gated_delta.h"
#include "tests/kernels/variants.h"

namespace hasten {
namespace {

struct ConvCase {
  size_t rows, channels, taps;
};

struct ConvRun {
  std::vector<float> y, state;
};

// In place, `chunk` rows at a time.
ConvRun Convolve(ShortConvFn* fn, const ConvCase& c, size_t chunk) {
  const size_t stride = c.channels + 3;
  const std::vector<float> kernel = RandomFloats(2, c.channels * c.taps);
  ConvRun run{RandomFloats(1, c.rows * stride), RandomFloats(3, (c.taps - 1) * c.channels)};
  for (size_t t = 0; t < c.rows; t += chunk) {
    float* at = run.y.data() + t * stride;
    fn({at, stride, at, stride, kernel.data(), run.state.data(), c.channels, std::min(chunk, c.rows - t), c.channels, c.taps});
  }
  return run;
}

size_t WrongConv(const ConvRun& got, const ConvCase& c) {
  const size_t stride = c.channels + 3, past = c.taps - 1;
  const std::vector<float> kernel = RandomFloats(2, c.channels * c.taps), x = RandomFloats(1, c.rows * stride),
                           state = RandomFloats(3, past * c.channels);
  const auto input = [&](size_t at, size_t channel) {  // counted from the oldest of the state
    return at < past ? state[at * c.channels + channel] : x[(at - past) * stride + channel];
  };
  size_t wrong = 0;
  for (size_t channel = 0; channel < c.channels; ++channel) {
    for (size_t t = 0; t < c.rows; ++t) {
      double sum = 0;
      for (size_t j = 0; j < c.taps; ++j) sum += double(kernel[channel * c.taps + j]) * input(t + j, channel);
      wrong += !(std::abs(got.y[t * stride + channel] - sum) <= 1e-6);
    }
    for (size_t j = 0; j < past; ++j) wrong += got.state[j * c.channels + channel] != input(c.rows + j, channel);
  }
  return wrong;
}

TEST(ShortConv, EveryVariantEverySizeInPlace) {
  for (const auto& v : RunnableHere(ShortConvVariants()))
    for (size_t taps : {size_t{1}, size_t{2}, size_t{3}, size_t{4}, kMaxConvTaps})
      for (size_t channels : {1, 7, 16, 33})
        for (size_t rows : {1, 2, 9}) {
          const ConvCase c{rows, channels, taps};
          const ConvRun whole = Convolve(v.fn, c, rows), single = Convolve(v.fn, c, 1);
          EXPECT_EQ(WrongConv(whole, c), 0u) << v.name << " taps " << taps << " channels " << channels << " rows " << rows;
          EXPECT_EQ(whole.y, single.y) << v.name;
          EXPECT_EQ(whole.state, single.state) << v.name;
        }
}

TEST(ShortConv, CheckerCatchesAStaleState) {
  const ConvCase c{3, 16, 3};
  ConvRun run = Convolve(RunnableHere(ShortConvVariants()).front().fn, c, 3);
  run.state = RandomFloats(3, 2 * 16);
  EXPECT_GT(WrongConv(run, c), 0u);
}

struct DeltaCase {
  size_t rows, key_width, value_width;
};

struct DeltaData {
  std::vector<float> q, k, v, decay, beta, state, y;
  explicit DeltaData(const DeltaCase& c)
      : q(RandomFloats(1, c.rows * c.key_width)),
        k(RandomFloats(2, c.rows * c.key_width)),
        v(RandomFloats(3, c.rows * c.value_width)),
        decay(RandomFloats(4, c.rows, 0.5f)),
        beta(RandomFloats(5, c.rows, 0.5f)),
        state(RandomFloats(6, c.key_width * c.value_width)),
        y(c.rows * c.value_width, NAN) {
    for (float& d : decay) d -= 0.5f;
    for (float& b : beta) b += 0.5f;
  }
};

void RunDelta(GatedDeltaFn* fn, const DeltaCase& c, DeltaData& d, size_t chunk) {
  std::vector<float> scratch(2 * c.key_width);
  for (size_t t = 0; t < c.rows; t += chunk)
    fn({.q = &d.q[t * c.key_width],
        .q_stride = c.key_width,
        .k = &d.k[t * c.key_width],
        .k_stride = c.key_width,
        .v = &d.v[t * c.value_width],
        .v_stride = c.value_width,
        .decay = &d.decay[t],
        .decay_stride = 1,
        .beta = &d.beta[t],
        .beta_stride = 1,
        .y = &d.y[t * c.value_width],
        .y_stride = c.value_width,
        .state = d.state.data(),
        .scratch = scratch.data(),
        .rows = std::min(chunk, c.rows - t),
        .key_width = c.key_width,
        .value_width = c.value_width,
        .eps = 1e-6f});
}

std::vector<double> UnitLength(const float* x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += double(x[i]) * x[i];
  std::vector<double> y(n);
  for (size_t i = 0; i < n; ++i) y[i] = x[i] / std::sqrt(sum);
  return y;
}

size_t WrongDelta(const DeltaData& got, const DeltaCase& c) {
  const DeltaData in(c);
  std::vector<double> state(in.state.begin(), in.state.end());
  size_t wrong = 0;
  for (size_t t = 0; t < c.rows; ++t) {
    const std::vector<double> q = UnitLength(&in.q[t * c.key_width], c.key_width),
                              k = UnitLength(&in.k[t * c.key_width], c.key_width);
    for (double& s : state) s *= std::exp(double(in.decay[t]));
    for (size_t j = 0; j < c.value_width; ++j) {
      double known = 0, y = 0;
      for (size_t i = 0; i < c.key_width; ++i) known += k[i] * state[i * c.value_width + j];
      const double delta = in.beta[t] * (in.v[t * c.value_width + j] - known);
      for (size_t i = 0; i < c.key_width; ++i) y += q[i] * (state[i * c.value_width + j] += k[i] * delta);
      wrong += !(std::abs(got.y[t * c.value_width + j] - y / std::sqrt(double(c.key_width))) <= 1e-6);
    }
  }
  for (size_t i = 0; i < state.size(); ++i) wrong += !(std::abs(got.state[i] - state[i]) <= 3e-6);
  return wrong;
}

TEST(GatedDelta, EveryVariantEverySize) {
  for (const auto& v : RunnableHere(GatedDeltaVariants()))
    for (size_t key_width : {1, 5, 16, 64})
      for (size_t value_width : {1, 9, 16, 80, 128})
        for (size_t rows : {1, 2, 11}) {
          const DeltaCase c{rows, key_width, value_width};
          DeltaData whole(c), single(c);
          RunDelta(v.fn, c, whole, rows);
          RunDelta(v.fn, c, single, 1);
          EXPECT_EQ(WrongDelta(whole, c), 0u) << v.name << " " << key_width << "x" << value_width << " rows " << rows;
          EXPECT_EQ(whole.y, single.y) << v.name;
          EXPECT_EQ(whole.state, single.state) << v.name;
        }
}

TEST(GatedDelta, CheckerCatchesAMissingDecay) {
  const DeltaCase c{2, 16, 16};
  DeltaData d(c);
  for (float& decay : d.decay) decay = 0;
  RunDelta(RunnableHere(GatedDeltaVariants()).front().fn, c, d, 2);
  EXPECT_GT(WrongDelta(d, c), 0u);
}

}  // namespace
}  // namespace hasten
