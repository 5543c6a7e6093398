#include "engine/lane_tuner.h"

#include <algorithm>
#include <limits>

namespace hasten {

// The first step with other lanes wakes threads and moves what lies in caches: it counts for nothing unless it is fast.
static constexpr size_t kStepsATrial = 4;
// Fewer lanes that are as fast leave the others to somebody else, and save energy; timings this close are the same.
static constexpr double kSame = 1.02;
// So much slower is no accident, after one step and after more: further ones would only cost.
static constexpr double kHopelessAtOnce = 1.5, kHopeless = 1.25;
// Wider steps read a prompt: each takes long, and a trial of one would be felt. They follow the widest that are measured.
static constexpr size_t kMostRows = 128;

LaneTuner::LaneTuner(size_t lanes, bool measure) : measure_(measure && lanes > 1) {
  for (size_t i = 0; i < widths_.size(); ++i) {
    Width& w = widths_[i];
    w.candidates = {lanes};
    // Many rows keep every lane computing: half is tried there, for two threads a core, and no less.
    const size_t fewest = i + 1 < widths_.size() ? 1 : std::max<size_t>(lanes / 2, 1);
    for (size_t n = lanes / 2; measure_ && n >= fewest && n > 0; n /= 2) w.candidates.push_back(n);
    Start(w);
  }
}

size_t LaneTuner::WidthOf(size_t rows) { return rows <= 1 ? 0 : rows <= 8 ? 1 : rows <= 32 ? 2 : 3; }

void LaneTuner::Start(Width& w) const {
  w.trial = w.candidates.size() > 1 ? 0 : w.candidates.size();
  w.best.assign(w.candidates.size(), std::numeric_limits<double>::infinity());
  w.steps = 0;
}

size_t LaneTuner::Lanes(size_t rows) const {
  const Width& w = widths_[WidthOf(rows)];
  if (w.trial == w.candidates.size()) return w.candidates[w.chosen];
  return rows > kMostRows ? w.candidates[0] : w.candidates[w.trial];
}

bool LaneTuner::Measured(size_t rows) const {
  const Width& w = widths_[WidthOf(rows)];
  return w.candidates.size() > 1 && w.trial == w.candidates.size();
}

void LaneTuner::Choose(Width& w) const {
  const double fastest = *std::ranges::min_element(w.best);
  w.chosen = 0;
  for (size_t i = 0; i < w.best.size(); ++i)
    if (w.best[i] <= fastest * kSame) w.chosen = i;
  w.trial = w.candidates.size();
  w.steps = 0;
}

void LaneTuner::Took(size_t rows, double seconds) {
  Width& w = widths_[WidthOf(rows)];
  if (w.candidates.size() == 1 || rows == 0 || rows > kMostRows) return;
  const double a_row = seconds / double(rows);
  if (w.trial == w.candidates.size()) {
    if (++w.steps >= kAgain) Start(w);
    return;
  }
  const double before = w.trial == 0 ? a_row : *std::min_element(w.best.begin(), w.best.begin() + ptrdiff_t(w.trial));
  w.best[w.trial] = std::min(w.best[w.trial], a_row);
  ++w.steps;
  const bool hopeless = w.best[w.trial] > before * (w.steps == 1 ? kHopelessAtOnce : kHopeless);
  if (w.steps < kStepsATrial && !hopeless) return;
  const bool slower = w.best[w.trial] > before * kSame;
  w.steps = 0;
  if (++w.trial == w.candidates.size() || slower) Choose(w);
}

}  // namespace hasten
