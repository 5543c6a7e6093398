// RMS norm, elementwise operations and rotary embedding: every variant, odd sizes, misaligned, against double precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/elementwise/elementwise.h"
#include "kernels/norm/norm.h"
#include "kernels/rope/rope.h"
#include "tests/kernels/variants.h"

namespace hasten {
namespace {

constexpr size_t kSizes[] = {1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 100, 257, 2048};

// Numbers further than `bound` from `exact`; NaN is wrong unless it is expected.
size_t Wrong(const float* got, const std::vector<double>& exact, double bound) {
  size_t wrong = 0;
  for (size_t i = 0; i < exact.size(); ++i) wrong += !(std::abs(got[i] - exact[i]) <= bound * (1 + std::abs(exact[i])));
  return wrong;
}

std::vector<double> ExactNorm(const std::vector<float>& x, const std::vector<float>& weight, size_t begin, size_t n,
                              float eps) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += double(x[begin + i]) * x[begin + i];
  std::vector<double> y(n);
  for (size_t i = 0; i < n; ++i) y[i] = x[begin + i] / std::sqrt(sum / double(n) + eps) * weight[i];
  return y;
}

TEST(RmsNorm, EveryVariantEverySize) {
  for (const auto& v : RunnableHere(RmsNormVariants()))
    for (size_t n : kSizes)
      for (size_t shift : {0, 1, 3}) {
        const size_t stride = n + 5;
        std::vector<float> x = RandomFloats(n, 3 * stride + shift, 4);
        const std::vector<float> weight = RandomFloats(n + 1, n), before = x;
        v.fn({x.data() + shift, stride, weight.data(), x.data() + shift, stride, 3, n, 1e-5f});
        for (size_t r = 0; r < 3; ++r) {
          const size_t begin = shift + r * stride;
          EXPECT_EQ(Wrong(&x[begin], ExactNorm(before, weight, begin, n, 1e-5f), 1e-6), 0u) << v.name << " " << n;
          const size_t gap = std::min<size_t>(5, x.size() - begin - n);
          EXPECT_EQ(std::memcmp(&x[begin + n], &before[begin + n], gap * 4), 0) << "wrote past the row";
        }
      }
}

TEST(RmsNorm, CheckerCatchesAForgottenEpsilon) {
  const std::vector<float> x = RandomFloats(1, 64, 0.01f), weight(64, 1.0f);
  std::vector<float> y(64);
  RunnableHere(RmsNormVariants()).front().fn({x.data(), 64, weight.data(), y.data(), 64, 1, 64, 0});
  EXPECT_GT(Wrong(y.data(), ExactNorm(x, weight, 0, 64, 1e-5f), 1e-6), 0u);
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double Exact(Elementwise op, double a, double b, double s) {
  switch (op) {
    case Elementwise::kAdd:
      return a + b;
    case Elementwise::kMultiply:
      return a * b;
    case Elementwise::kScale:
      return a * s;
    case Elementwise::kAddScaled:
      return a * s + b;
    case Elementwise::kSoftCap:
      return s * std::tanh(a / s);
    case Elementwise::kSilu:
      return a * Sigmoid(a);
    case Elementwise::kSiluGate:
      return a * Sigmoid(a) * b;
    case Elementwise::kGeluGate:
      return 0.5 * a * (1 + std::tanh(0.7978845608028654 * (a + 0.044715 * a * a * a))) * b;
    case Elementwise::kSwiGluOai: {
      const double gate = std::min(a, 7.0), up = std::clamp(b, -7.0, 7.0);
      return gate * Sigmoid(1.702 * gate) * (up + 1);
    }
    case Elementwise::kSigmoid:
      return Sigmoid(a);
    case Elementwise::kSigmoidGate:
      return Sigmoid(a) * b;
    case Elementwise::kSoftplus:
      return std::log1p(std::exp(a));
  }
  return NAN;
}

constexpr Elementwise kOps[] = {Elementwise::kAdd,       Elementwise::kMultiply,    Elementwise::kScale,
                                Elementwise::kAddScaled, Elementwise::kSoftCap,     Elementwise::kSilu,
                                Elementwise::kSiluGate,  Elementwise::kGeluGate,    Elementwise::kSwiGluOai,
                                Elementwise::kSigmoid,   Elementwise::kSigmoidGate, Elementwise::kSoftplus};

TEST(Elementwise, EveryVariantEveryOperationEverySize) {
  for (const auto& v : RunnableHere(ElementwiseVariants()))
    for (Elementwise op : kOps)
      for (size_t n : kSizes)
        for (size_t shift : {0, 1, 3}) {
          const std::vector<float> a = RandomFloats(n, n + shift, 12), b = RandomFloats(n + 1, n + shift, 12);
          std::vector<float> y(n + shift + 1, 77);
          std::vector<double> exact(n);
          for (size_t i = 0; i < n; ++i) exact[i] = Exact(op, a[i + shift], b[i + shift], 5);
          v.fn({op, a.data() + shift, b.data() + shift, y.data() + shift, n, 5});
          EXPECT_EQ(Wrong(y.data() + shift, exact, 2e-6), 0u) << v.name << " operation " << int(op) << " size " << n;
          EXPECT_EQ(y[n + shift], 77) << "wrote past the end";
        }
}

// A number's bytes do not depend on where it stands, so that splitting an array anywhere changes nothing.
TEST(Elementwise, BytesDoNotDependOnThePlace) {
  const std::vector<float> a = RandomFloats(1, 67, 9), b = RandomFloats(2, 67, 9);
  for (const auto& v : RunnableHere(ElementwiseVariants()))
    for (Elementwise op : kOps) {
      std::vector<float> whole(67), one(67);
      v.fn({op, a.data(), b.data(), whole.data(), 67, 5});
      for (size_t i = 0; i < 67; ++i) v.fn({op, &a[i], &b[i], &one[i], 1, 5});
      EXPECT_EQ(std::memcmp(whole.data(), one.data(), 67 * 4), 0) << v.name << " operation " << int(op);
    }
}

TEST(Elementwise, NanStaysNan) {
  for (const auto& v : RunnableHere(ElementwiseVariants()))
    for (Elementwise op : kOps) {
      const std::vector<float> a(17, NAN), b(17, 1.0f);
      std::vector<float> y(17);
      v.fn({op, a.data(), b.data(), y.data(), 17, 5});
      for (float f : y) EXPECT_TRUE(std::isnan(f)) << v.name << " operation " << int(op);
    }
}

TEST(Elementwise, CheckerTellsTanhGeluFromExactGelu) {
  std::vector<double> exact;
  std::vector<float> a, one(100, 1.0f), y(100);
  for (int i = 0; i < 100; ++i) {
    a.push_back(float(i) * 0.06f - 3);
    exact.push_back(a.back() * 0.5 * (1 + std::erf(a.back() / std::sqrt(2.0))));
  }
  RunnableHere(ElementwiseVariants()).front().fn({Elementwise::kGeluGate, a.data(), one.data(), y.data(), 100, 0});
  EXPECT_GT(Wrong(y.data(), exact, 2e-6), 0u);
}

struct RopeCase {
  bool halves;
  size_t pairs, head_width;
  int32_t position;
};

std::vector<double> ExactRope(const RopeCase& c, const std::vector<float>& frequencies, const std::vector<float>& x) {
  std::vector<double> y(x.begin(), x.end());
  for (size_t begin = 0; begin < x.size(); begin += c.head_width)
    for (size_t i = 0; i < c.pairs; ++i) {
      const size_t first = begin + (c.halves ? i : 2 * i), second = begin + (c.halves ? i + c.pairs : 2 * i + 1);
      const double angle = double(c.position) * frequencies[i];
      y[first] = 1.5 * (x[first] * std::cos(angle) - x[second] * std::sin(angle));
      y[second] = 1.5 * (x[first] * std::sin(angle) + x[second] * std::cos(angle));
    }
  return y;
}

size_t WrongRope(RopeFn* fn, const RopeCase& run, const RopeCase& expected) {
  std::vector<float> frequencies, x = RandomFloats(3, 3 * run.head_width + 1);
  for (size_t i = 0; i < run.pairs; ++i) frequencies.push_back(float(std::pow(500000.0, -double(i) / double(run.pairs))));
  x.erase(x.begin());
  const std::vector<double> exact = ExactRope(expected, frequencies, x);
  fn({frequencies.data(), run.pairs, 1.5f, run.halves, run.position, x.data(), 3, run.head_width});
  return Wrong(x.data(), exact, 5e-7);
}

TEST(Rope, EveryVariantBothPairingsUpToAMillion) {
  for (const auto& v : RunnableHere(RopeVariants()))
    for (bool halves : {false, true})
      for (size_t pairs : {1, 4, 7, 16, 20, 32, 64})
        for (size_t rest : {0, 3})
          for (int32_t position : {0, 1, 1000, 131071, 1000000}) {
            const RopeCase c{halves, pairs, 2 * pairs + rest, position};
            EXPECT_EQ(WrongRope(v.fn, c, c), 0u) << v.name << " halves " << halves << " pairs " << pairs << " at " << position;
          }
}

TEST(Rope, CheckerCatchesTheOtherPairingAndTheNextPosition) {
  RopeFn* const fn = RunnableHere(RopeVariants()).front().fn;
  EXPECT_GT(WrongRope(fn, {true, 16, 32, 5}, {false, 16, 32, 5}), 0u);
  EXPECT_GT(WrongRope(fn, {true, 16, 32, 1000000}, {true, 16, 32, 1000001}), 0u);
}

}  // namespace
}  // namespace hasten
