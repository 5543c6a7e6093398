#include "engine/sampler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "base/random.h"

namespace hasten {

static constexpr float kInfinity = std::numeric_limits<float>::infinity();
// e^-45 is 3e-20: even all tokens of a vocabulary of a million together would be drawn once in 10^13 draws.
static constexpr float kNegligible = -45;
// Below this the best token has all the probability that a float can express, and 1 / temperature would become infinite.
static constexpr float kGreedyTemperature = 1e-6f;
// Candidates are put into bins by x to find where a cut falls without sorting them all; only that bin is sorted.
static constexpr size_t kBins = 1024;

// Four floats in one register of every processor this builds for.
typedef float Float4 __attribute__((vector_size(16)));
typedef int32_t Int4 __attribute__((vector_size(16)));

static Float4 Load4(const float* p) {
  Float4 v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// The largest value, -infinity for NaN.
static float Largest(std::span<const float> values) {
  Float4 m[4];
  for (Float4& v : m) v = Float4{-kInfinity, -kInfinity, -kInfinity, -kInfinity};
  size_t i = 0;
  for (; i + 16 <= values.size(); i += 16) {
    for (size_t j = 0; j < 4; ++j) {
      const Float4 v = Load4(&values[i + 4 * j]);
      m[j] = v > m[j] ? v : m[j];
    }
  }
  float best = -kInfinity;
  for (const Float4& v : m)
    for (size_t j = 0; j < 4; ++j) best = std::max(best, v[j]);
  for (; i < values.size(); ++i) best = values[i] > best ? values[i] : best;
  return best;
}

int32_t ArgMax(std::span<const float> values) {
  const float best = Largest(values);
  const auto at = std::ranges::find(values, best);
  return at == values.end() ? 0 : int32_t(at - values.begin());
}

// e^x for x in [-45, 0] as 2^n times a polynomial, with a relative error below 1e-5. Not libm's, whose results differ between
// machines. Coefficients: Taylor series of e^g around 0 for |g| <= ln(2)/2; degree 6 leaves 2e-7.
static Float4 Exp(Float4 x) {
  const Float4 y = x * 1.44269504f;
  const Int4 n = __builtin_convertvector(y - 0.5f, Int4);  // truncation of a negative number less a half: to nearest
  const Float4 g = (y - __builtin_convertvector(n, Float4)) * 0.693147181f;
  const Float4 p = 1 + g * (1 + g * (1.0f / 2 + g * (1.0f / 6 + g * (1.0f / 24 + g * (1.0f / 120 + g * (1.0f / 720))))));
  return p * std::bit_cast<Float4>((n + 127) << 23);
}

// ---------------------------------------------------------------------------------------------------------- options

Status CheckSampler(const SamplerOptions& o, size_t vocab) {
  const auto check = [](const char* name, float value, float least, float most) -> Status {
    if (value >= least && value <= most) return {};
    return Error{Code::kBadInput,
                 Fmt("%s is %g and has to be from %g to %g", name, double(value), double(least), double(most))};
  };
  TRY_OK(check("temperature", o.temperature, 0, 100));
  TRY_OK(check("top-p", o.top_p, 0, 1));
  TRY_OK(check("min-p", o.min_p, 0, 1));
  TRY_OK(check("repetition penalty", o.repetition_penalty, 0.01f, 100));
  TRY_OK(check("presence penalty", o.presence_penalty, -100, 100));
  TRY_OK(check("frequency penalty", o.frequency_penalty, -100, 100));
  for (const LogitBias& b : o.biases) {
    if (size_t(uint32_t(b.token)) >= vocab) {
      return Error{Code::kBadInput, Fmt("a bias names token %d and the vocabulary has %zu", b.token, vocab)};
    }
    if (std::isnan(b.bias)) return Error{Code::kBadInput, Fmt("the bias of token %d is not a number", b.token)};
  }
  return {};
}

bool Sampler::Adjusts() const {
  return !options_.biases.empty() || options_.repetition_penalty != 1 || options_.presence_penalty != 0 ||
         options_.frequency_penalty != 0;
}

// A copy of the logits with penalties and biases.
std::span<const float> Sampler::Adjust(std::span<const float> logits, std::span<const int32_t> recent) {
  adjusted_.assign(logits.begin(), logits.end());
  const auto window = recent.last(std::min(recent.size(), options_.penalty_window));
  seen_.assign(window.begin(), window.end());
  std::ranges::sort(seen_);
  for (size_t i = 0, end; i < seen_.size(); i = end) {
    for (end = i; end < seen_.size() && seen_[end] == seen_[i];) ++end;
    float& logit = adjusted_[seen_[i]];
    logit = logit > 0 ? logit / options_.repetition_penalty : logit * options_.repetition_penalty;
    logit -= options_.presence_penalty + options_.frequency_penalty * float(end - i);
  }
  for (const LogitBias& b : options_.biases) adjusted_[b.token] += b.bias;
  return adjusted_;
}

// ---------------------------------------------------------------------------------------------------------- the draw

// A number that at least k of the logits reach, not far below the k-th largest: the k-th largest of the maxima of blocks.
float Sampler::ReachedBy(size_t k, std::span<const float> logits) {
  constexpr size_t kBlock = 64;
  maxima_.clear();
  for (size_t i = 0; i < logits.size(); i += kBlock)
    maxima_.push_back(Largest(logits.subspan(i, std::min(kBlock, logits.size() - i))));
  if (k > maxima_.size()) return -kInfinity;
  std::ranges::nth_element(maxima_, maxima_.begin() + ptrdiff_t(k - 1), std::greater<>());
  return maxima_[k - 1];
}

// The candidates that min-p leaves, in ascending order of id; where top-k follows, without those that it is sure to drop.
void Sampler::Gather(std::span<const float> logits, float best) {
  candidates_.clear();
  const float inverse = 1 / options_.temperature;
  float least = options_.min_p > 0 ? std::max(kNegligible, float(std::log(options_.min_p))) : kNegligible;
  if (options_.top_k > 0) least = std::max(least, (ReachedBy(options_.top_k, logits) - best) * inverse);
  const auto consider = [&](Float4 logit, size_t first, size_t count) {
    const Float4 x = (logit - best) * inverse;
    const Int4 hit = x >= least;  // not for NaN
    if ((hit[0] | hit[1] | hit[2] | hit[3]) == 0) return;
    const Float4 weight = Exp(hit ? x : Float4{});
    for (size_t j = 0; j < count; ++j)
      if (hit[j]) candidates_.push_back({.x = x[j], .weight = weight[j], .id = int32_t(first + j)});
  };
  size_t i = 0;
  for (; i + 4 <= logits.size(); i += 4) consider(Load4(&logits[i]), i, 4);
  for (; i < logits.size(); ++i) consider(Float4{logits[i], -kInfinity, -kInfinity, -kInfinity}, i, 1);
}

static size_t BinOf(float x) { return std::min(kBins - 1, size_t(x * (float(kBins) / kNegligible))); }

// Keeps the fewest of the best candidates whose weights add up to `share` of a whole: numbers of tokens (weight 1 each, the
// whole is 1) or probabilities. Ties go to the lower id.
void Sampler::KeepTop(bool by_probability, double share) {
  std::array<double, kBins> mass{};
  const auto weight = [&](const Candidate& c) { return by_probability ? double(c.weight) : 1.0; };
  for (const Candidate& c : candidates_) mass[BinOf(c.x)] += weight(c);
  double whole = 0;
  for (const double m : mass) whole += m;
  const double target = by_probability ? share * whole : share;
  size_t bin = 0;
  double sum = 0;
  for (; bin < kBins && sum + mass[bin] < target; ++bin) sum += mass[bin];
  if (bin == kBins) return;  // all of them are needed
  edge_.clear();
  for (const Candidate& c : candidates_)
    if (BinOf(c.x) == bin) edge_.push_back(c);
  const auto better = [](const Candidate& a, const Candidate& b) { return a.x != b.x ? a.x > b.x : a.id < b.id; };
  std::ranges::sort(edge_, better);
  size_t kept = 0;
  do sum += weight(edge_[kept++]);
  while (kept < edge_.size() && sum < target);
  std::erase_if(candidates_, [&](const Candidate& c) {
    const size_t b = BinOf(c.x);
    return b > bin || (b == bin && better(edge_[kept - 1], c));
  });
}

int32_t Sampler::Draw(double unit) {
  double whole = 0;
  for (const Candidate& c : candidates_) whole += double(c.weight);
  const double target = unit * whole;
  double sum = 0;
  for (const Candidate& c : candidates_) {
    sum += double(c.weight);
    if (sum > target) return c.id;
  }
  return candidates_.back().id;
}

int32_t Sampler::Sample(std::span<const float> logits, std::span<const int32_t> recent, uint64_t position) {
  if (Adjusts()) logits = Adjust(logits, recent);
  if (options_.temperature < kGreedyTemperature) return ArgMax(logits);
  const float best = Largest(logits);
  if (!std::isfinite(best)) return ArgMax(logits);
  Gather(logits, best);
  if (options_.top_k > 0 && options_.top_k < candidates_.size()) KeepTop(false, double(options_.top_k));
  if (options_.top_p < 1) KeepTop(true, double(options_.top_p));
  return Draw(RandomUnit(options_.seed, position));
}

}  // namespace hasten
