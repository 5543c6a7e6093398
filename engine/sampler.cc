#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "kernels/math/math.h"
#include "kernels/sampling/sampling.h"

namespace hasten {

static constexpr float kInfinity = std::numeric_limits<float>::infinity();
// e^-45 is 3e-20: even all tokens of a vocabulary of a million together would be drawn once in 10^13 draws.
static constexpr float kNegligible = -45;
// Below this the best token has all the probability that a float can express, and 1 / temperature would become infinite.
static constexpr float kGreedyTemperature = 1e-6f;
// Tokens whose largest logit is known, and that are looked at together: small enough that most blocks need no second look,
// and large enough that there are few of them.
static constexpr size_t kBlock = 512;
// Float sums run over so many candidates at the most before they go into a double.
static constexpr size_t kChunk = 4096;
// Of so many candidates the cut is found by sorting.
static constexpr size_t kFewCandidates = 64;

static const SamplingKernels& Kernels() { return *Pick(SamplingVariants()); }

int32_t ArgMax(std::span<const float> values) {
  const auto& kernels = Kernels();
  float best = -kInfinity;
  size_t first = 0;
  for (size_t i = 0; i < values.size(); i += kBlock) {
    const float largest = kernels.largest(&values[i], std::min(kBlock, values.size() - i));
    if (largest > best) best = largest, first = i;
  }
  const auto at = std::find(values.begin() + ptrdiff_t(first), values.end(), best);
  return at == values.end() ? 0 : int32_t(at - values.begin());
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

// ---------------------------------------------------------------------------------------------------------- blocks

namespace {

// The logits as blocks, some of them copies with penalties and biases.
class Blocks {
 public:
  Blocks(std::span<const float> logits, const std::vector<int32_t>& patch_of, const std::vector<float>& patches)
      : logits_(logits), patch_of_(patch_of), patches_(patches) {}
  size_t count() const { return (logits_.size() + kBlock - 1) / kBlock; }
  size_t size(size_t b) const { return std::min(kBlock, logits_.size() - b * kBlock); }
  const float* at(size_t b) const { return patch_of_[b] < 0 ? &logits_[b * kBlock] : &patches_[size_t(patch_of_[b]) * kBlock]; }

 private:
  std::span<const float> logits_;
  const std::vector<int32_t>& patch_of_;
  const std::vector<float>& patches_;
};

// A candidate's place in the order from best to worst: larger x first, of equal ones the lower id.
struct Cut {
  float x = -kInfinity;
  int32_t id = 0;
  bool ties = false;  // some candidates with this x have a higher id
};

}  // namespace

void SamplerWork::Candidates::Reserve(size_t count) {
  if (ids.size() >= count + kSelectSlack) return;
  ids.resize(count + kSelectSlack);
  x.resize(count + kSelectSlack);
  weights.resize(count + kSelectSlack);
}

static CandidateArrays ArraysOf(auto& candidates) {
  return {candidates.ids.data(), candidates.x.data(), candidates.weights.data()};
}

// Blocks with tokens that penalties or biases change are copied; the others are read where they lie.
void Sampler::Adjust(std::span<const int32_t> recent, SamplerWork& w) const {
  for (const int32_t b : w.patched_) w.patch_of_[b] = -1;
  w.patched_.clear();
  w.patches_.clear();
  w.patch_of_.resize((w.logits_.size() + kBlock - 1) / kBlock, -1);
  const auto logit_of = [&](int32_t token) -> float& {
    const size_t block = size_t(token) / kBlock;
    int32_t& patch = w.patch_of_[block];
    if (patch < 0) {
      patch = int32_t(w.patched_.size());
      w.patched_.push_back(int32_t(block));
      const auto original = w.logits_.subspan(block * kBlock, std::min(kBlock, w.logits_.size() - block * kBlock));
      w.patches_.insert(w.patches_.end(), original.begin(), original.end());
      w.patches_.resize(w.patched_.size() * kBlock);
    }
    return w.patches_[size_t(patch) * kBlock + size_t(token) % kBlock];
  };
  if (options_.repetition_penalty != 1 || options_.presence_penalty != 0 || options_.frequency_penalty != 0) {
    const auto window = recent.last(std::min(recent.size(), options_.penalty_window));
    w.seen_.assign(window.begin(), window.end());
    std::ranges::sort(w.seen_);
  } else {
    w.seen_.clear();
  }
  for (size_t i = 0, end; i < w.seen_.size(); i = end) {
    for (end = i; end < w.seen_.size() && w.seen_[end] == w.seen_[i];) ++end;
    float& logit = logit_of(w.seen_[i]);
    logit = logit > 0 ? logit / options_.repetition_penalty : logit * options_.repetition_penalty;
    logit -= options_.presence_penalty + options_.frequency_penalty * float(end - i);
  }
  for (const LogitBias& b : options_.biases) logit_of(b.token) += b.bias;
}

// ---------------------------------------------------------------------------------------------------------- the cut

// The candidate with which the fewest of the best reach `target`: their number, or their weights together. By levels of x:
// the sums above eight of them say between which two the cut falls, and only what lies there is looked at again.
static Cut FindCut(auto& all, size_t count, auto& edge, std::vector<int32_t>& order, bool by_weight, double target,
                   float least) {
  const auto& kernels = Kernels();
  float below = 1;  // above all x
  double above = 0;
  CandidateArrays in = ArraysOf(all);
  edge.Reserve(count);
  while (count > kFewCandidates) {
    float levels[kSampleLevels], part[kSampleLevels];
    double mass[kSampleLevels] = {};
    const float top = std::min(below, 0.0f);
    for (size_t j = 0; j < kSampleLevels; ++j) levels[j] = top - (top - least) * float(j + 1) / float(kSampleLevels);
    levels[kSampleLevels - 1] = least;
    for (size_t i = 0; i < count; i += kChunk) {
      kernels.levels({in.x + i, by_weight ? in.weights + i : nullptr, std::min(kChunk, count - i), levels, part});
      for (size_t j = 0; j < kSampleLevels; ++j) mass[j] += double(part[j]);
    }
    size_t j = 0;
    while (j < kSampleLevels && above + mass[j] < target) ++j;
    if (j == kSampleLevels) return {};  // all of them are needed
    const float next_below = j == 0 ? below : levels[j - 1];
    const size_t kept = kernels.narrow({in, count, levels[j], next_below, ArraysOf(edge)});
    const bool finer = levels[j] > least || next_below < below;
    above += j == 0 ? 0 : mass[j - 1];
    least = levels[j];
    below = next_below;
    count = kept;
    in = ArraysOf(edge);
    if (!finer) break;  // equal as far as floats can tell
  }
  const auto better = [&](int32_t a, int32_t b) { return in.x[a] != in.x[b] ? in.x[a] > in.x[b] : a < b; };
  order.resize(count);
  std::iota(order.begin(), order.end(), 0);
  if (!std::ranges::is_sorted(order, better)) std::ranges::sort(order, better);
  size_t last = 0;
  while (last + 1 < count && (above += by_weight ? double(in.weights[order[last]]) : 1.0) < target) ++last;
  if (count == 0) return {};
  const float x = in.x[order[last]];
  return {x, in.ids[order[last]], last + 1 < count && in.x[order[last + 1]] == x};
}

// Drops what is worse than the cut; returns how many are left.
static size_t KeepUpTo(const Cut& cut, auto& all, size_t count) {
  const CandidateArrays arrays = ArraysOf(all);
  size_t kept = Kernels().narrow({arrays, count, cut.x, kInfinity, arrays});
  if (!cut.ties) return kept;
  size_t out = 0;
  for (size_t i = 0; i < kept; ++i) {
    if (arrays.x[i] == cut.x && arrays.ids[i] > cut.id) continue;
    arrays.ids[out] = arrays.ids[i];
    arrays.x[out] = arrays.x[i];
    arrays.weights[out++] = arrays.weights[i];
  }
  return out;
}

static double WholeOf(const std::vector<float>& weights, size_t count) {
  double whole = 0;
  for (size_t i = 0; i < count; i += kBlock) whole += double(Kernels().sum(&weights[i], std::min(kBlock, count - i)));
  return whole;
}

// The candidate in whose share of the whole `unit` falls.
static int32_t Draw(const std::vector<int32_t>& ids, const std::vector<float>& weights, size_t count, double unit) {
  const double target = unit * WholeOf(weights, count);
  double sum = 0;
  size_t i = 0;
  for (; i + kBlock < count; i += kBlock) {  // the last block is looked into whatever its sum
    const auto block = double(Kernels().sum(&weights[i], kBlock));
    if (sum + block > target) break;
    sum += block;
  }
  for (const size_t end = std::min(count, i + kBlock); i + 1 < end; ++i)
    if ((sum += double(weights[i])) > target) break;
  return ids[i];
}

// ---------------------------------------------------------------------------------------------------------- the draw

// What a block has that is better than a bound, in two parts: its ids below the bound's, which may be as large, and the rest.
template <class Part>  // part(logits, how many, first id, least x)
static void BetterOf(const Blocks& blocks, size_t b, const Bound& bound, Part&& part) {
  const size_t size = blocks.size(b), first = b * kBlock;
  const size_t split = std::clamp(size_t(bound.id), first, first + size) - first;
  const float* const logits = blocks.at(b);
  if (split > 0) part(logits, split, int32_t(first), bound.x);
  if (split < size) part(logits + split, size - split, int32_t(first + split), std::nextafter(bound.x, kInfinity));
}

// The weights of what is better than the bound, by block, in masses_; returns their sum.
double Sampler::WeighBetter(float best, const Bound& bound, SamplerWork& w) const {
  const Blocks blocks(w.logits_, w.patch_of_, w.patches_);
  const float sharpness = 1 / options_.temperature;
  w.masses_.assign(blocks.count(), 0);
  for (size_t b = 0; b < blocks.count(); ++b) {
    if ((w.maxima_[b] - best) * sharpness < bound.x) continue;
    BetterOf(blocks, b, bound, [&](const float* logits, size_t n, int32_t, float least) {
      w.masses_[b] += double(Kernels().mass(logits, n, best, sharpness, least));
    });
  }
  return std::accumulate(w.masses_.begin(), w.masses_.end(), 0.0);
}

// Draws from what is better than the bound, masses_ being its weights and `whole` their sum.
Bound Sampler::DrawBetter(float best, const Bound& bound, double whole, double unit, SamplerWork& w) const {
  const Blocks blocks(w.logits_, w.patch_of_, w.patches_);
  const double target = unit * whole;
  double sum = 0;
  size_t block = 0, last = 0;
  for (size_t b = 0; b < blocks.count(); ++b)
    if (w.masses_[b] > 0) last = b;
  for (; block < last && sum + w.masses_[block] <= target; ++block) sum += w.masses_[block];
  w.all_.Reserve(kBlock);
  size_t count = 0;
  BetterOf(blocks, block, bound, [&](const float* logits, size_t n, int32_t first_id, float least) {
    count += Kernels().select(
        {logits, n, first_id, best, 1 / options_.temperature, least, w.all_.ids.data() + count, w.all_.x.data() + count});
  });
  Kernels().weigh(w.all_.x.data(), count, w.all_.weights.data());
  size_t i = 0;
  for (; i + 1 < count; ++i)
    if ((sum += double(w.all_.weights[i])) > target) break;
  return {w.all_.x[i], w.all_.ids[i]};
}

// Draws from the fewest best tokens that reach top-p without looking for where they end: a token belongs to them if what is
// better weighs less than top-p. If it does not, neither does what is worse, and the next draw is among what is better: each
// draw is from a set that holds them all, in proportion, and so is what is left of it. A draw costs a pass over the logits,
// and 1 + ln(1 / top-p) draws are enough on average.
int32_t Sampler::DrawFromTopP(float best, uint64_t position, SamplerWork& w) const {
  Bound bound{LeastNeeded(best, w), std::numeric_limits<int32_t>::max()};
  double whole = WeighBetter(best, bound, w);
  const double target = double(options_.top_p) * whole;
  for (uint64_t draw = 0;; ++draw) {
    const uint64_t seed = draw == 0 ? options_.seed : RandomBits(options_.seed, ~draw);
    bound = DrawBetter(best, bound, whole, RandomUnit(seed, position), w);
    if (options_.top_p >= 1) return bound.id;
    whole = WeighBetter(best, bound, w);
    if (whole < target || whole == 0) return bound.id;
  }
}

// No token below this x can be chosen: min-p drops it, or top-k is full without it.
float Sampler::LeastNeeded(float best, SamplerWork& w) const {
  float least = kNegligible;
  if (options_.min_p > 0) least = std::max(least, float(std::log(options_.min_p)));
  if (const size_t k = options_.top_k; k > 0 && k <= w.maxima_.size()) {  // k blocks have a token that reaches the k-th largest
    w.sorted_ = w.maxima_;
    std::ranges::nth_element(w.sorted_, w.sorted_.begin() + ptrdiff_t(k - 1), std::greater<>());
    least = std::max(least, (w.sorted_[k - 1] - best) * (1 / options_.temperature));
  }
  return least;
}

// The largest logit of each block; returns the largest of all.
static float ReadMaxima(const Blocks& blocks, std::vector<float>& maxima) {
  const auto& kernels = Kernels();
  maxima.resize(blocks.count());
  float best = -kInfinity;
  for (size_t b = 0; b < blocks.count(); ++b) {
    maxima[b] = kernels.largest(blocks.at(b), blocks.size(b));
    best = std::max(best, maxima[b]);
  }
  return best;
}

static int32_t FirstOf(const Blocks& blocks, const std::vector<float>& maxima, float best) {
  const auto b = size_t(std::ranges::find(maxima, best) - maxima.begin());
  if (b == maxima.size()) return 0;
  const float* const end = blocks.at(b) + blocks.size(b);
  const float* const at = std::find(blocks.at(b), end, best);
  return at == end ? 0 : int32_t(b * kBlock + size_t(at - blocks.at(b)));
}

// Collects the tokens with x >= least from the blocks that have any.
size_t Sampler::Collect(float best, float least, SamplerWork& w) const {
  const Blocks blocks(w.logits_, w.patch_of_, w.patches_);
  const float sharpness = 1 / options_.temperature;
  size_t count = 0;
  for (size_t b = 0; b < blocks.count(); ++b) {
    if ((w.maxima_[b] - best) * sharpness < least) continue;
    w.all_.Reserve(count + blocks.size(b));
    count += Kernels().select({blocks.at(b), blocks.size(b), int32_t(b * kBlock), best, sharpness, least,
                               w.all_.ids.data() + count, w.all_.x.data() + count});
  }
  Kernels().weigh(w.all_.x.data(), count, w.all_.weights.data());
  return count;
}

int32_t Sampler::Sample(std::span<const float> logits, std::span<const int32_t> recent, uint64_t position,
                        SamplerWork& w) const {
  w.logits_ = logits;
  Adjust(recent, w);
  const Blocks blocks(logits, w.patch_of_, w.patches_);
  const bool greedy = options_.temperature < kGreedyTemperature;
  const float best = ReadMaxima(blocks, w.maxima_);
  if (greedy || !std::isfinite(best)) return FirstOf(blocks, w.maxima_, best);
  if (options_.top_k == 0) return DrawFromTopP(best, position, w);
  const float least = LeastNeeded(best, w);
  size_t count = Collect(best, least, w);
  const auto keep = [&](bool by_weight, double target) {
    count = KeepUpTo(FindCut(w.all_, count, w.edge_, w.order_, by_weight, target, least), w.all_, count);
  };
  if (options_.top_k < count) keep(false, double(options_.top_k));
  if (options_.top_p < 1) keep(true, double(options_.top_p) * WholeOf(w.all_.weights, count));
  return Draw(w.all_.ids, w.all_.weights, count, RandomUnit(options_.seed, position));
}

}  // namespace hasten
