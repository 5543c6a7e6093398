// Every variant of the passes that choosing a token is made of, against plain loops in double.
#include "kernels/sampling/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/cpu.h"
#include "base/random.h"

namespace hasten {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<const Variant<const SamplingKernels>*> Here() {
  std::vector<const Variant<const SamplingKernels>*> here;
  for (const auto& v : SamplingVariants())
    for (const Isa& isa : Isas())
      if (RunsHere(isa) && (v.needs & ~isa.features) == 0) {
        here.push_back(&v);
        break;
      }
  return here;
}

std::vector<float> SomeLogits(size_t n) {
  std::vector<float> v(n);
  for (size_t i = 0; i < n; ++i) v[i] = float(RandomUnit(9, i)) * 40 - 20;
  if (n > 3) v[1] = -kInf, v[3] = std::numeric_limits<float>::quiet_NaN();
  return v;
}
bool Counts(float logit) { return !std::isnan(logit) && logit != -kInf; }

constexpr size_t kSizes[] = {0, 1, 3, 15, 16, 17, 63, 64, 65, 512, 1000};

TEST(Sampling, LargestAndMassIgnoreWhatIsNotANumber) {
  for (const auto* v : Here())
    for (const size_t n : kSizes) {
      const auto logits = SomeLogits(n);
      float best = -kInf;
      for (const float l : logits) best = l > best ? l : best;
      EXPECT_EQ(v->fn->largest(logits.data(), n), best) << v->name << " " << n;
      for (const float least : {-kInf, -9.f, -0.5f, 0.f, 1.f}) {
        double mass = 0;
        for (const float l : logits) mass += Counts(l) && (l - best) * 0.7f >= least ? std::exp(double(l - best) * 0.7) : 0;
        EXPECT_NEAR(v->fn->mass(logits.data(), n, best, 0.7f, least), mass, 1e-5 * mass) << v->name << " " << n << " " << least;
      }
    }
}

TEST(Sampling, SelectKeepsIdsInOrderAndWeighs) {
  for (const auto* v : Here())
    for (const size_t n : kSizes)
      for (const float least : {-kInf, -20.f, -3.f, 0.f}) {
        const auto logits = SomeLogits(n);
        const float best = v->fn->largest(logits.data(), n);
        std::vector<int32_t> ids(n + kSelectSlack);
        std::vector<float> x(n + kSelectSlack), weights(n + kSelectSlack);
        const size_t kept = v->fn->select({logits.data(), n, 100, best, 1, least, ids.data(), x.data()});
        v->fn->weigh(x.data(), kept, weights.data());
        size_t at = 0;
        for (size_t i = 0; i < n; ++i) {
          if (!Counts(logits[i]) && least != -kInf) continue;
          if (!(logits[i] - best >= least) && least != -kInf) continue;
          ASSERT_LT(at, kept) << v->name;
          EXPECT_EQ(ids[at], int32_t(100 + i)) << v->name;
          if (Counts(logits[i])) {
            EXPECT_EQ(x[at], logits[i] - best);
            EXPECT_NEAR(weights[at], std::exp(double(x[at])), 1e-7 * (1 - double(x[at])) * std::exp(double(x[at])) + 1e-38)
                << v->name;
          } else {
            EXPECT_EQ(weights[at], 0);
          }
          ++at;
        }
        if (least != -kInf) {
          EXPECT_EQ(at, kept) << v->name << " " << n << " " << least;
        }
      }
}

TEST(Sampling, LevelsAndNarrowAgreeWithPlainSums) {
  for (const auto* v : Here())
    for (const size_t n : kSizes) {
      std::vector<int32_t> ids(n + kSelectSlack);
      std::vector<float> x(n + kSelectSlack), w(n + kSelectSlack);
      for (size_t i = 0; i < n; ++i)
        ids[i] = int32_t(3 * i), x[i] = -10 * float(RandomUnit(4, i)), w[i] = float(RandomUnit(5, i));
      const float levels[kSampleLevels] = {-1, -2, -3, -4, -5, -6, -7, -11};
      for (const bool weighted : {false, true}) {
        float mass[kSampleLevels];
        v->fn->levels({x.data(), weighted ? w.data() : nullptr, n, levels, mass});
        for (size_t j = 0; j < kSampleLevels; ++j) {
          double expected = 0;
          for (size_t i = 0; i < n; ++i) expected += x[i] >= levels[j] ? (weighted ? double(w[i]) : 1.0) : 0;
          EXPECT_NEAR(mass[j], expected, 1e-5 * expected) << v->name << " " << n;
        }
      }
      double sum = 0;
      for (size_t i = 0; i < n; ++i) sum += double(w[i]);
      EXPECT_NEAR(v->fn->sum(w.data(), n), sum, 1e-5 * sum) << v->name;
      std::vector<int32_t> expected;
      for (size_t i = 0; i < n; ++i)
        if (x[i] >= -6 && x[i] < -2) expected.push_back(ids[i]);
      const CandidateArrays all = {ids.data(), x.data(), w.data()};
      const size_t kept = v->fn->narrow({all, n, -6, -2, all});  // where it reads
      EXPECT_EQ(std::vector<int32_t>(ids.begin(), ids.begin() + ptrdiff_t(kept)), expected) << v->name << " " << n;
    }
}

}  // namespace
}  // namespace hasten
