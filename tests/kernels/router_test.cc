#include "kernels/router/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace hasten {
namespace {

using ::testing::ElementsAre;
using ::testing::Pointwise;

struct Chosen {
  std::vector<int32_t> ids;
  std::vector<float> weights;
};

struct Rule {
  RouterGate gate;
  bool normalise = false;
  float scale = 1;
};

Chosen RouteOf(const Rule& rule, const std::vector<float>& logits, size_t used, const std::vector<float>& bias = {}) {
  Chosen c{std::vector<int32_t>(used), std::vector<float>(used)};
  std::vector<float> scratch(logits.size());
  Route({.gate = rule.gate,
         .normalise = rule.normalise,
         .scale = rule.scale,
         .logits = logits.data(),
         .bias = bias.empty() ? nullptr : bias.data(),
         .experts = logits.size(),
         .used = used,
         .ids = c.ids.data(),
         .weights = c.weights.data(),
         .scratch = scratch.data()});
  return c;
}

MATCHER(Near, "") { return std::abs(std::get<0>(arg) - std::get<1>(arg)) < 1e-6f; }

const std::vector<float> kLogits = {1, 3, -2, 3, 2};

TEST(Router, SoftmaxOverAllExperts) {
  const Chosen c = RouteOf({.gate = RouterGate::kSoftmax}, kLogits, 2);
  const float sum = std::exp(1.f) + 2 * std::exp(3.f) + std::exp(-2.f) + std::exp(2.f);
  EXPECT_THAT(c.ids, ElementsAre(1, 3));
  EXPECT_THAT(c.weights, Pointwise(Near(), {std::exp(3.f) / sum, std::exp(3.f) / sum}));
}

TEST(Router, SoftmaxOfTheChosenAddsUpToOne) {
  const Chosen c = RouteOf({.gate = RouterGate::kSoftmaxOfChosen}, kLogits, 3);
  EXPECT_THAT(c.ids, ElementsAre(1, 3, 4));
  const float sum = 2 + std::exp(-1.f);
  EXPECT_THAT(c.weights, Pointwise(Near(), {1 / sum, 1 / sum, std::exp(-1.f) / sum}));
}

TEST(Router, BiasChoosesButDoesNotWeigh) {
  const Chosen c = RouteOf({.gate = RouterGate::kSigmoid, .normalise = true, .scale = 2}, {0, 1, 0, -1}, 2, {0, 0, 0, 5});
  const float a = 1 / (1 + std::exp(-1.f)), b = 1 / (1 + std::exp(1.f));
  EXPECT_THAT(c.ids, ElementsAre(1, 3));
  EXPECT_THAT(c.weights, Pointwise(Near(), {2 * a / (a + b), 2 * b / (a + b)}));
}

TEST(Router, TiesGoToTheLowestId) {
  EXPECT_THAT(RouteOf({.gate = RouterGate::kSoftmax}, {5, 5, 5, 5}, 2).ids, ElementsAre(0, 1));
  EXPECT_THAT(RouteOf({.gate = RouterGate::kSoftmax}, {4, 5, 5, 5, 6}, 3).ids, ElementsAre(1, 2, 4));
}

TEST(Router, NanIsChosenLastAndIdsStayValid) {
  EXPECT_THAT(RouteOf({.gate = RouterGate::kSoftmaxOfChosen}, {NAN, -1, NAN, -3}, 2).ids, ElementsAre(1, 3));
  EXPECT_THAT(RouteOf({.gate = RouterGate::kSoftmaxOfChosen}, {NAN, NAN, NAN}, 2).ids, ElementsAre(0, 1));
}

}  // namespace
}  // namespace hasten
