#include "solve/search/promise.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace hasten::solve {

Promise::Promise(const StringPool& pool, Sort sort, std::vector<Word> outputs)
    : pool_(pool), sort_(sort), outputs_(std::move(outputs)) {
  if (sort_ != Sort::kString) return;
  wanted_.resize(std::min(outputs_.size(), kLooked));
  for (size_t e = 0; e < wanted_.size(); ++e) {
    const std::string_view text = pool_[outputs_[e]].substr(0, kLetters);
    wanted_[e].size = text.size();
    for (size_t i = 0; i < text.size(); ++i) wanted_[e].places[uint8_t(text[i])] |= uint64_t(1) << i;
  }
}

// The longest common subsequence, a bit a place: Hyyrö, "Bit-parallel LCS-length computation revisited" (2004).
double Promise::NearString(const Wanted& wanted, std::string_view value) const {
  uint64_t open = ~uint64_t(0);
  for (const char c : value) {
    const uint64_t hit = open & wanted.places[uint8_t(c)];
    open = (open + hit) | (open - hit);
  }
  const size_t both = value.size() + wanted.size;
  return both == 0 ? 1 : 2.0 * double(std::popcount(~open)) / double(both);
}

double Promise::NearInt(size_t example, int32_t value) const {
  if (sort_ == Sort::kInt) return 1 / (1 + std::abs(double(value) - double(int32_t(outputs_[example]))));
  return sort_ == Sort::kString && value >= -1 && value <= int64_t(pool_[outputs_[example]].size()) ? 1 : 0;
}

uint8_t Promise::Of(Sort sort, const Word* values) const {
  if (sort == sort_ && std::equal(outputs_.begin(), outputs_.end(), values)) return kWanted;
  const size_t looked = std::min(outputs_.size(), kLooked);
  if (sort == Sort::kBool || (sort == Sort::kString && sort_ != Sort::kString)) return kWanted / 2;
  double sum = 0;
  for (size_t e = 0; e < looked; ++e) {
    sum += sort == Sort::kString ? NearString(wanted_[e], pool_[values[e]]) : NearInt(e, int32_t(values[e]));
  }
  return uint8_t((kWanted - 1) * sum / double(looked));
}

}  // namespace hasten::solve
