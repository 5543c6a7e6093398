#include "engine/draft_length.h"

#include <algorithm>

namespace hasten {

// Of the past, what a token drafted or a pass run leaves standing: the last fifty count.
static constexpr double kFade = 0.98;
// What a row costs before passes of different lengths have been seen: eight rows of a model read from memory or from cache
// took 1.5 to 3 times as long as one.
static constexpr double kGuessedRow = 0.2;
static constexpr double kLeastRow = 0.005, kMostRow = 1;  // a measurement may be disturbed

void Acceptance::Learn(size_t drafted, size_t accepted) {
  const size_t judged = std::min(drafted, accepted + 1);
  for (size_t i = 0; i < judged; ++i) {
    accepted_ = kFade * accepted_ + (i < accepted ? 1 : 0);
    judged_ = kFade * judged_ + 1;
  }
}

void Acceptance::Forget() {
  judged_ = std::max(kDoubt, judged_ * kFade);
  accepted_ = judged_ * (probability() * kFade + expected_ * (1 - kFade));
}

void PassCost::Learn(double rows, double seconds) {
  weight_ = kFade * weight_ + 1;
  rows_ = kFade * rows_ + rows;
  rows2_ = kFade * rows2_ + rows * rows;
  seconds_ = kFade * seconds_ + seconds;
  product_ = kFade * product_ + rows * seconds;
}

double PassCost::OfRow() const {
  const double spread = weight_ * rows2_ - rows_ * rows_;
  if (spread < 1e-3 * rows_ * rows_) return kGuessedRow;  // all of one length
  const double slope = (weight_ * product_ - rows_ * seconds_) / spread;
  const double at_zero = (seconds_ - slope * rows_) / weight_;
  return std::clamp(slope / std::max(at_zero + slope, 1e-12), kLeastRow, kMostRow);
}

double PassCost::OfOneRow() const {
  if (weight_ == 0) return 0;
  return seconds_ / weight_ / (1 + OfRow() * (rows_ / weight_ - 1));
}

DraftChoice BestDraft(double probability, double cost, size_t most) {
  DraftChoice best;
  double tokens = 1, next = 1;
  for (size_t k = 1; k <= most; ++k) {
    next *= probability;
    tokens += next;
    if (const double gain = tokens / (1 + double(k) * cost); gain > best.gain) best = {k, gain};
  }
  return best;
}

}  // namespace hasten
