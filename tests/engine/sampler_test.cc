#include "engine/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <span>

#include "base/random.h"
#include "engine/row_sampler.h"

namespace hasten {
namespace {

using Logits = std::vector<float>;
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

SamplerOptions All() { return {.temperature = 1, .top_k = 0, .top_p = 1, .min_p = 0}; }  // draws from the plain distribution

Logits LogitsOf(const std::vector<double>& probabilities) {
  Logits logits;
  for (const double p : probabilities) logits.push_back(float(std::log(p)) + 3);
  return logits;
}

// Chi-squared statistic of `draws` draws against expected probabilities, divided by the degrees of freedom: about 1 where
// the sampler is right. Infinite when something was drawn that has probability 0.
double Misfit(const SamplerOptions& options, const Logits& logits, const std::vector<double>& expected, size_t draws = 20000) {
  Sampler sampler(options);
  std::map<int32_t, size_t> count;
  for (size_t i = 0; i < draws; ++i) ++count[sampler.Sample(logits, {}, i)];
  double misfit = 0;
  size_t freedom = 0;
  for (size_t t = 0; t < expected.size(); ++t) {
    if (expected[t] == 0 && count[int32_t(t)] > 0) return kInf;
    if (expected[t] == 0) continue;
    const double mean = expected[t] * double(draws), off = double(count[int32_t(t)]) - mean;
    misfit += off * off / mean;
    ++freedom;
  }
  return misfit / std::max(1.0, double(freedom - 1));
}

TEST(ArgMax, TiesGoToTheLowestIdAndNanLoses) {
  EXPECT_EQ(ArgMax(Logits{1, 3, 2, 3}), 1);
  EXPECT_EQ(ArgMax(Logits{kNan, -kInf, -5}), 2);
  EXPECT_EQ(ArgMax(Logits{kNan, kNan}), 0);
  EXPECT_EQ(ArgMax(Logits{-kInf, kInf}), 1);
  EXPECT_EQ(ArgMax({}), 0);
  for (size_t size : {1, 15, 16, 17, 31, 33, 1000}) {
    for (size_t at : {size_t{0}, size / 2, size - 1}) {
      Logits logits(size, -1);
      logits[at] = 2;
      EXPECT_EQ(ArgMax(logits), int32_t(at));
    }
  }
}

TEST(Sampler, GreedyIgnoresEverythingButTheBest) {
  Sampler sampler({.temperature = 0, .top_k = 1, .top_p = 0.1f});
  for (uint64_t i = 0; i < 20; ++i) EXPECT_EQ(sampler.Sample(Logits{1, 2, 5, 4}, {}, i), 2);
  for (const float tiny : {1e-3f, 1e-10f, 1e-40f}) EXPECT_EQ(Sampler({.temperature = tiny}).Sample(Logits{1, 5, 4}, {}, 0), 1);
}

TEST(Sampler, DrawsInProportion) {
  const std::vector<double> p = {0.5, 0.1, 0.3, 0.02, 0.08};
  EXPECT_LT(Misfit(All(), LogitsOf(p), p), 4);
}

TEST(Sampler, MisfitNoticesTenPercentInOneToken) {  // the twin: the check can fail
  EXPECT_GT(Misfit(All(), LogitsOf({0.5, 0.1, 0.3, 0.02, 0.08}), {0.45, 0.15, 0.3, 0.02, 0.08}), 4);
}

TEST(Sampler, TemperatureSharpensAndFlattens) {
  const std::vector<double> p = {0.5, 0.3, 0.2};
  for (const double temperature : {0.5, 2.0}) {
    std::vector<double> expected;
    double sum = 0;
    for (const double x : p) sum += std::pow(x, 1 / temperature);
    for (const double x : p) expected.push_back(std::pow(x, 1 / temperature) / sum);
    SamplerOptions o = All();
    o.temperature = float(temperature);
    EXPECT_LT(Misfit(o, LogitsOf(p), expected), 4) << temperature;
    EXPECT_GT(Misfit(o, LogitsOf(p), p), 4) << temperature;
  }
}

TEST(Sampler, TopKKeepsTheBestAndOfEqualOnesTheLowestIds) {
  SamplerOptions o = All();
  o.top_k = 2;
  EXPECT_LT(Misfit(o, LogitsOf({0.1, 0.4, 0.2, 0.3}), {0, 4 / 7.0, 0, 3 / 7.0}), 4);
  EXPECT_LT(Misfit(o, LogitsOf({0.25, 0.25, 0.25, 0.25}), {0.5, 0.5, 0, 0}), 4);
  o.top_k = 9;
  EXPECT_LT(Misfit(o, LogitsOf({0.1, 0.4, 0.2, 0.3}), {0.1, 0.4, 0.2, 0.3}), 4);
}

TEST(Sampler, TopPKeepsTheFewestThatReachTheShare) {
  const Logits logits = LogitsOf({0.15, 0.5, 0.05, 0.3});
  SamplerOptions o = All();
  o.top_p = 0.7f;
  EXPECT_LT(Misfit(o, logits, {0, 5 / 8.0, 0, 3 / 8.0}), 4);
  o.top_p = 0.9f;
  EXPECT_LT(Misfit(o, logits, {15 / 95.0, 50 / 95.0, 0, 30 / 95.0}), 4);
  o.top_p = 0;  // the best one stays
  EXPECT_LT(Misfit(o, logits, {0, 1, 0, 0}), 4);
}

TEST(Sampler, TopPJudgesWhatTopKLeft) {
  SamplerOptions o = All();
  o.top_k = 2;
  o.top_p = 0.55f;  // of 4/7 and 3/7 the first is enough; of all four it would not be
  EXPECT_LT(Misfit(o, LogitsOf({0.1, 0.4, 0.2, 0.3}), {0, 1, 0, 0}), 4);
}

TEST(Sampler, MinPIsAShareOfTheBest) {
  SamplerOptions o = All();
  o.min_p = 0.25f;
  EXPECT_LT(Misfit(o, LogitsOf({0.6, 0.1, 0.3}), {2 / 3.0, 0, 1 / 3.0}), 4);
}

// The quick path through bins against a plain sort, on vocabularies of all sizes.
TEST(Sampler, PartialSelectionKeepsWhatASortWouldKeep) {
  for (const size_t vocab : {7, 64, 1000, 5000}) {
    Logits logits(vocab);
    for (size_t i = 0; i < vocab; ++i) logits[i] = float(RandomUnit(3, i)) * 12 - float(i % 3);
    std::vector<size_t> order(vocab);
    for (size_t i = 0; i < vocab; ++i) order[i] = i;
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return logits[a] > logits[b]; });
    for (const size_t k : {1, 3, 40}) {
      SamplerOptions o = All();
      o.top_k = k;
      o.temperature = 50;  // nearly flat, so that all that are kept get drawn
      Sampler sampler(o);
      std::vector<bool> drawn(vocab);
      for (uint64_t i = 0; i < 3000; ++i) drawn[sampler.Sample(logits, {}, i)] = true;
      for (size_t rank = 0; rank < vocab; ++rank) EXPECT_EQ(drawn[order[rank]], rank < k) << vocab << " " << k << " " << rank;
    }
  }
}

TEST(Sampler, PenaltiesChangeTheLogitsOfWhatWasSeenLately) {
  const std::vector<int32_t> recent = {0, 3, 3, 1};
  const Logits logits = {2, -2, 1, 4};
  const auto greedy = [&](SamplerOptions o) {
    o.temperature = 0;
    return Sampler(o).Sample(logits, recent, 0);
  };
  EXPECT_EQ(greedy({}), 3);
  EXPECT_EQ(greedy({.repetition_penalty = 5}), 2);                       // 4/5, 2/5, -10 against 1
  EXPECT_EQ(greedy({.presence_penalty = 1.5f}), 3);                      // 2.5 against 1
  EXPECT_EQ(greedy({.frequency_penalty = 1.4f}), 3);                     // 4 - 2.8 against 1
  EXPECT_EQ(greedy({.frequency_penalty = 1.6f}), 2);                     // 4 - 3.2 against 1
  EXPECT_EQ(greedy({.repetition_penalty = 5, .penalty_window = 1}), 3);  // only token 1 counts
  EXPECT_EQ(greedy({.biases = {{.token = 3, .bias = -kInf}}}), 0);
  EXPECT_EQ(greedy({.biases = {{.token = 1, .bias = 9}}}), 1);
}

TEST(Sampler, DrawsDependOnSeedAndPositionOnly) {
  const Logits logits(50, 0.f);
  const auto draw = [&](uint64_t seed, size_t position) {
    SamplerOptions o = All();
    o.seed = seed;
    return Sampler(o).Sample(logits, {}, position);
  };
  SamplerOptions o = All();
  o.seed = 7;
  Sampler used(o);
  for (size_t i = 30; i-- > 0;) EXPECT_EQ(used.Sample(logits, {}, i), draw(7, i));  // in another order
  size_t differ = 0;
  for (size_t i = 0; i < 30; ++i) differ += draw(7, i) != draw(8, i);
  EXPECT_GT(differ, 20u);
}

TEST(Sampler, SurvivesLogitsThatAreNotNumbers) {
  Sampler sampler(All());
  EXPECT_EQ(sampler.Sample(Logits{kNan, 1, kNan, -kInf}, {}, 0), 1);
  EXPECT_EQ(sampler.Sample(Logits{kNan, kNan}, {}, 0), 0);
  EXPECT_EQ(sampler.Sample(Logits{1, kInf, 2}, {}, 0), 1);
  EXPECT_EQ(sampler.Sample(Logits(40, -kInf), {}, 0), 0);
}

// The specification of sampler.h, in double and with sorts.
struct Weighed {
  double weight;
  int32_t id;
};

// Tokens that penalties, biases, min-p and top-k leave, best first.
std::vector<Weighed> LeftOf(const SamplerOptions& o, const Logits& logits, std::vector<int32_t> recent) {
  recent.erase(recent.begin(), recent.end() - ptrdiff_t(std::min(recent.size(), o.penalty_window)));
  std::map<int32_t, size_t> seen;
  for (const int32_t t : recent) ++seen[t];
  std::vector<Weighed> order;
  for (size_t i = 0; i < logits.size(); ++i) {
    double l = std::isnan(logits[i]) ? -HUGE_VAL : double(logits[i]);
    if (const auto it = seen.find(int32_t(i)); it != seen.end()) {
      l = l > 0 ? l / double(o.repetition_penalty) : l * double(o.repetition_penalty);
      l -= double(o.presence_penalty) + double(o.frequency_penalty) * double(it->second);
    }
    for (const LogitBias& b : o.biases) l += b.token == int32_t(i) ? double(b.bias) : 0;
    order.push_back({l, int32_t(i)});
  }
  std::ranges::sort(order, [](Weighed a, Weighed b) { return a.weight != b.weight ? a.weight > b.weight : a.id < b.id; });
  const double best = order[0].weight;
  for (auto& [x, id] : order) x = std::exp((x - best) / double(o.temperature));
  std::erase_if(order, [&](const auto& c) { return c.weight < std::max(std::exp(-45.0), double(o.min_p)); });
  if (o.top_k > 0 && o.top_k < order.size()) order.resize(o.top_k);
  return order;
}

double Sum(std::span<const Weighed> tokens) {
  return std::accumulate(tokens.begin(), tokens.end(), 0.0, [](double sum, Weighed w) { return sum + w.weight; });
}

// How many of the best reach top-p.
size_t Nucleus(const SamplerOptions& o, std::span<const Weighed> left) {
  if (o.top_p >= 1) return left.size();
  const double target = double(o.top_p) * Sum(left);
  size_t kept = 1;
  for (double sum = left[0].weight; kept < left.size() && sum < target; ++kept) sum += left[kept].weight;
  return kept;
}

// The rank of the token that a random number falls on.
size_t DrawnRank(std::span<const Weighed> left, double unit) {
  std::vector<size_t> by_id(left.size());
  std::iota(by_id.begin(), by_id.end(), size_t{0});
  std::ranges::sort(by_id, {}, [&](size_t rank) { return left[rank].id; });
  double until = unit * Sum(left);
  for (const size_t rank : by_id)
    if ((until -= left[rank].weight) < 0) return rank;
  return by_id.back();
}

int32_t Drawn(const SamplerOptions& o, std::span<const Weighed> left, uint64_t position) {
  const size_t nucleus = Nucleus(o, left);
  if (o.top_k > 0) return left[DrawnRank(left.first(nucleus), RandomUnit(o.seed, position))].id;
  size_t rank = DrawnRank(left, RandomUnit(o.seed, position));
  for (uint64_t draw = 1; rank >= nucleus; ++draw)
    rank = DrawnRank(left.first(rank), RandomUnit(RandomBits(o.seed, ~draw), position));
  return left[rank].id;
}

// What is drawn is what the specification says for the same random numbers, but for the rounding of sums.
TEST(Sampler, FollowsItsSpecificationInDouble) {
  std::vector<SamplerOptions> all;
  for (const float temperature : {0.3f, 1.0f, 3.0f})
    for (const size_t top_k : {0, 1, 40, 700})
      for (const float top_p : {1.0f, 0.95f, 0.5f, 0.1f, 0.0f})
        for (const float min_p : {0.0f, 0.02f})
          all.push_back({.temperature = temperature, .top_k = top_k, .top_p = top_p, .min_p = min_p, .seed = all.size()});
  all.push_back({.top_k = 0,
                 .repetition_penalty = 1.5f,
                 .frequency_penalty = 0.3f,
                 .biases = {{.token = 4, .bias = 12}, {.token = 5, .bias = -kInf}}});
  SamplerWork work;
  size_t others = 0, outside = 0, draws = 0;
  for (const size_t vocab : {1, 30, 511, 513, 3000})
    for (const SamplerOptions& o : all) {
      if (!CheckSampler(o, vocab)) continue;
      Logits logits(vocab);
      for (size_t i = 0; i < vocab; ++i) logits[i] = float(RandomUnit(o.seed + 50, i)) * 14 - float(i % 7);
      if (vocab > 10) logits[3] = kNan, logits[9] = logits[8];
      const std::vector<int32_t> recent = {2, 0, 1, 2, 2};
      const auto fits = vocab > 2 ? recent : std::vector<int32_t>{0};
      const auto left = LeftOf(o, logits, fits);
      const auto allowed = std::span(left).first(Nucleus(o, left));
      const Sampler sampler(o);
      for (uint64_t position = 0; position < 20; ++position, ++draws) {
        const int32_t drawn = sampler.Sample(logits, fits, position, work);
        others += drawn != Drawn(o, left, position);
        outside += std::ranges::find(allowed, drawn, &Weighed::id) == allowed.end();
      }
    }
  EXPECT_LE(others * 1000, draws);
  EXPECT_LE(outside * 2000, draws);
}

// Draws from what is better until the token belongs to the fewest that reach top-p: in proportion, all of them and no other.
TEST(Sampler, TopPOfManyTokensDrawsInProportion) {
  Logits logits(1200);
  for (size_t i = 0; i < logits.size(); ++i) logits[i] = float(i * 7 % 1200) / 300;
  for (const float top_p : {0.1f, 0.6f}) {
    SamplerOptions o = All();
    o.top_p = top_p;
    const auto left = LeftOf(o, logits, {});
    const auto allowed = std::span(left).first(Nucleus(o, left));
    std::vector<double> expected(logits.size(), 0);
    for (const Weighed& w : allowed) expected[size_t(w.id)] = w.weight / Sum(allowed);
    EXPECT_LT(Misfit(o, logits, expected, 40000), 1.5) << top_p;
    o.top_p = top_p * 1.2f;  // the twin: what is allowed too much is noticed
    EXPECT_GT(Misfit(o, logits, expected, 40000), 1.5) << top_p;
  }
}

TEST(Sampler, EqualLogitsAreCutByTheirIds) {
  const Logits flat(2000, 1.5f);
  SamplerOptions o = All();
  o.top_p = 0.25f;
  Sampler sampler(o);
  for (uint64_t i = 0; i < 300; ++i) EXPECT_LT(sampler.Sample(flat, {}, i), 501);
  o.top_p = 1;
  o.top_k = 1200;
  Sampler by_count(o);
  int32_t most = 0;
  for (uint64_t i = 0; i < 3000; ++i) most = std::max(most, by_count.Sample(flat, {}, i));
  EXPECT_LT(most, 1200);
  EXPECT_GT(most, 1100);
}

TEST(RowSampler, ChoosesOnAnyLanesWhatASamplerAloneChooses) {
  std::vector<Logits> rows(9, Logits(700));
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t i = 0; i < 700; ++i) rows[r][i] = float(RandomUnit(r, i)) * 9;
  const Sampler samplers[] = {Sampler({.seed = 1}), Sampler(All()), Sampler({.top_k = 0, .min_p = 0, .seed = 3})};
  const std::vector<int32_t> recent = {1, 2};
  std::vector<int32_t> expected;
  for (size_t r = 0; r < rows.size(); ++r) expected.push_back(Sampler(samplers[r % 3]).Sample(rows[r], recent, r));
  for (const size_t lanes : {1, 2, 3}) {
    Team team(lanes);
    RowSampler all(team);
    std::vector<SampleRequest> requests;
    for (size_t r = 0; r < rows.size(); ++r) requests.push_back({&samplers[r % 3], rows[r], recent, r});
    std::vector<int32_t> chosen(rows.size());
    all.Sample(requests, chosen);
    EXPECT_EQ(chosen, expected);
    all.Sample(std::span(requests).first(1), chosen);
    EXPECT_EQ(chosen[0], expected[0]);
  }
}

TEST(Sampler, RefusesImpossibleOptions) {
  EXPECT_TRUE(CheckSampler({}, 10));
  for (const SamplerOptions& o : std::initializer_list<SamplerOptions>{{.temperature = -1},
                                                                       {.temperature = kNan},
                                                                       {.top_p = 1.5f},
                                                                       {.min_p = -0.1f},
                                                                       {.repetition_penalty = 0},
                                                                       {.biases = {{.token = 10, .bias = 1}}},
                                                                       {.biases = {{.token = -1, .bias = 1}}}})
    EXPECT_FALSE(CheckSampler(o, 10));
  EXPECT_THAT(CheckSampler({.top_p = 1.5f}, 10).error().what, ::testing::HasSubstr("top-p is 1.5"));
}

}  // namespace
}  // namespace hasten
