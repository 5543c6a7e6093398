// Drafts what the text itself holds: what followed the last time that it read like this. Answers that repeat their question,
// code that is rewritten, lists and tables are mostly copies.
//
// Where a copy ends because one word differs, the original usually goes on behind that word: of the tokens after the place
// where it ended, the nearest that equals the token just chosen picks the copy up again.
//
// Source   prompt lookup decoding (Saxena 2023, github.com/apoorvumang/prompt-lookup-decoding); picking a copy up again is
// ours.
#pragma once

#include "engine/drafter.h"
#include "engine/ngram_index.h"

namespace hasten {

class NgramDrafter : public Drafter {
 public:
  std::span<const double> Expectations() const override;
  std::optional<size_t> Look(std::span<const int32_t> text) override;
  Status Draft(size_t count, std::vector<int32_t>& tokens) override;

 private:
  void FollowCopy(std::span<const int32_t> text);

  NgramIndex index_;
  std::span<const int32_t> text_;  // of the last Look
  size_t next_ = 0;                // where in it the guess begins
  // The copy in progress: where its original goes on (0: there is none), how many tokens it has held, and how many ago it
  // was lost.
  size_t copy_ = 0, held_ = 0, lost_ = 0;
};

}  // namespace hasten
