// How many tokens of prompts to read in one step, so that texts being written do not stumble: a step with a chunk takes at
// most 1.7 times as long as one without. The times come from the steps themselves; bytes do not depend on them.
#pragma once

#include <algorithm>
#include <cstddef>

namespace hasten {

class ChunkSize {
 public:
  explicit ChunkSize(size_t most) : most_(most) {}

  // A step that wrote `texts` tokens and read `rows` of prompts took so long. What a row costs is learned apart for steps with
  // texts and without: hundreds of rows at once are several times cheaper each than the few that fit beside a text.
  void Note(size_t texts, size_t rows, double seconds) {
    if (rows == 0) {
      Approach(text_s_, seconds);
    } else if (texts == 0) {
      Approach(row_alone_s_, seconds / double(rows));
    } else if (text_s_ > 0) {
      Approach(row_beside_s_, std::max(seconds - text_s_, 0.05 * seconds) / double(rows));
    }
  }
  size_t For(size_t texts) const {
    return texts > 0 ? Fitting(kStretch * text_s_, row_beside_s_) : Fitting(kAlone, row_alone_s_);
  }

 private:
  static constexpr size_t kFirst = 16;  // before anything is known
  static constexpr size_t kLeast = 4;   // a long prompt gets on even beside many texts
  static constexpr double kStretch = 0.7;
  static constexpr double kAlone = 0.25;  // seconds: how long a cancellation or a newcomer may have to wait
  size_t Fitting(double seconds, double row_s) const {
    if (row_s <= 0) return std::min(most_, kFirst);
    return std::clamp(size_t(seconds / row_s), std::min(kLeast, most_), most_);
  }
  static void Approach(double& value, double seen) { value = value <= 0 ? seen : value + 0.2 * (seen - value); }

  const size_t most_;
  double text_s_ = 0;                          // of a step without prompts
  double row_alone_s_ = 0, row_beside_s_ = 0;  // of one prompt token
};

}  // namespace hasten
