// Our own exp, tanh and the like against double precision, in units in the last place of the exact answer.
#include "kernels/math/math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hasten {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

double Ulps(float got, double exact) {
  const double ulp = std::ldexp(1.0, std::max(std::ilogb(exact), -126) - 23);
  return std::abs(got - exact) / ulp;
}

// The worst of 200,000 points in [begin, end]; NaN is the worst of all.
template <class F, class G>
double WorstUlps(F f, G exact, double begin, double end) {
  double worst = 0;
  for (int i = 0; i <= 200000; ++i) {
    const float x = float(begin + (end - begin) * i / 200000);
    const double ulps = Ulps(f(x), exact(double(x)));
    if (!(ulps <= worst)) worst = ulps;
  }
  return worst;
}

TEST(Math, ExpIsGoodToTwoUlps) {
  EXPECT_LE(WorstUlps(ScalarExp, [](double x) { return std::exp(x); }, -87.3, 88.3), 2);
  EXPECT_LE(WorstUlps(ScalarExp2, [](double x) { return std::exp2(x); }, -125.9, 127.4), 2);
}

TEST(Math, ExpAtTheEdges) {
  for (auto f : {ScalarExp, ScalarExp2}) {
    EXPECT_EQ(f(0), 1);
    EXPECT_EQ(f(-200), 0);
    EXPECT_EQ(f(-kInfinity), 0);
    EXPECT_EQ(f(200), kInfinity);
    EXPECT_EQ(f(kInfinity), kInfinity);
    EXPECT_TRUE(std::isnan(f(NAN)));
  }
}

TEST(Math, TanhSigmoidSoftplusAreGoodToFourUlps) {
  EXPECT_LE(WorstUlps(ScalarTanh, [](double x) { return std::tanh(x); }, -12, 12), 4);
  EXPECT_LE(WorstUlps(ScalarTanh, [](double x) { return std::tanh(x); }, -1e-3, 1e-3), 4);
  EXPECT_LE(WorstUlps(ScalarSigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, -80, 80), 4);
  EXPECT_LE(WorstUlps(ScalarSoftplus, [](double x) { return std::log1p(std::exp(x)); }, -80, 80), 4);
}

TEST(Math, GatesSaturate) {
  EXPECT_EQ(ScalarTanh(1000), 1);
  EXPECT_EQ(ScalarTanh(-1000), -1);
  EXPECT_EQ(ScalarSigmoid(1000), 1);
  EXPECT_EQ(ScalarSigmoid(-1000), 0);
  EXPECT_EQ(ScalarSoftplus(1000), 1000);
  EXPECT_TRUE(std::isnan(ScalarTanh(NAN)));
}

TEST(Math, CheckerCatchesAFifthUlp) {
  const auto off = [](float x) { return ScalarExp(x) * (1 + 5 * 0x1p-23f); };
  EXPECT_GT(WorstUlps(off, [](double x) { return std::exp(x); }, -1, 1), 4);
}

TEST(Math, SineAndCosineHoldAtPositionsOfMillions) {
  for (double position : {0.0, 1.0, 17.0, 4095.0, 131071.0, 1000000.0, 10000000.0})
    for (int i = 0; i <= 1000; ++i) {
      const float frequency = float(std::pow(10000.0, -i / 1000.0));
      const SineCosine got = ScalarSinCos(position, frequency);
      EXPECT_NEAR(got.sine, std::sin(position * frequency), 0x1p-23) << position << " " << frequency;
      EXPECT_NEAR(got.cosine, std::cos(position * frequency), 0x1p-23) << position << " " << frequency;
    }
}

}  // namespace
}  // namespace hasten
