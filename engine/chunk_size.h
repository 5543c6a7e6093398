// How many tokens of prompts to read in one step, so that texts being written do not stumble: a step with a chunk takes about
// 1.5 times as long as one without. What rows take is no straight line: the first one beside a text is the dearest, hundreds at
// once are several times cheaper each, and all get dearer the further back their prompt began. So nothing is computed from
// learned prices beside a text; the size follows what its last steps took. Bytes do not depend on it.
#pragma once

#include <algorithm>
#include <cstddef>

namespace hasten {

class ChunkSize {
 public:
  explicit ChunkSize(size_t most) : most_(most), beside_(std::min(most, kFirst)) {}

  // A step that wrote `texts` tokens and read `rows` of prompts took so long.
  void Note(size_t texts, size_t rows, double seconds) {
    if (rows == 0) {
      // A machine that stands still once would else let all of the next prompt's chunks be as long.
      Approach(text_s_, text_s_ > 0 ? std::min(seconds, 1.5 * text_s_) : seconds);
    } else if (texts == 0) {
      Approach(row_alone_s_, seconds / double(rows));
    } else if (text_s_ > 0 && rows >= For(texts) / 2) {
      Steer(seconds);
    }
  }
  size_t For(size_t texts) const {
    if (texts > 0) return std::min(std::max(beside_, Least(texts)), most_);
    if (row_alone_s_ <= 0) return std::min(most_, kFirst);
    return std::clamp(size_t(kAlone / row_alone_s_), std::min(kFirst, most_), most_);
  }
  // A long prompt gets on even beside many texts: half as many rows as theirs are at most half of their time.
  static size_t Least(size_t texts) { return std::max<size_t>(1, texts / 2); }

 private:
  static constexpr size_t kFirst = 16;  // before anything is known
  static constexpr double kStretch = 1.5;
  static constexpr double kAlone = 0.25;  // seconds: how long a cancellation or a newcomer may have to wait
  static constexpr size_t kWatched = 4;   // steps of a size

  // Looks at a few steps, without the longest of them; then shrinks to what would have fitted, or grows a little.
  void Steer(double seconds) {
    sum_s_ += seconds;
    longest_s_ = std::max(longest_s_, seconds);
    if (++watched_ < kWatched) return;
    const double took = (sum_s_ - longest_s_) / double(kWatched - 1);
    const double more = std::max(took - text_s_, 0.01 * text_s_), wanted = (kStretch - 1) * text_s_;
    if (more > wanted) {
      beside_ = std::max({size_t(double(beside_) * wanted / more), beside_ / 2, size_t(1)});
    } else if (more < 0.85 * wanted) {
      beside_ = std::min(beside_ + std::max<size_t>(1, beside_ / 8), most_);
    }
    watched_ = 0;
    sum_s_ = longest_s_ = 0;
  }
  static void Approach(double& value, double seen) { value = value <= 0 ? seen : value + 0.2 * (seen - value); }

  const size_t most_;
  double text_s_ = 0;       // of a step without prompts
  double row_alone_s_ = 0;  // of a prompt token in a step without texts
  size_t beside_;           // rows of a step with texts
  size_t watched_ = 0;      // steps of that size, and what they took
  double sum_s_ = 0, longest_s_ = 0;
};

}  // namespace hasten
