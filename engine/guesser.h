// Guesses how one text goes on: of several drafters the one that promises most, for as many tokens as pay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/draft_length.h"
#include "engine/drafter.h"

namespace hasten {

// What a guessed token costs in the pass that checks it.
struct GuessPrice {
  double row = 0;     // one more row, as a share of what this text's part of the pass costs
  double pass_s = 0;  // seconds of that part; 0: not known yet
};

class Guesser {
 public:
  Guesser() = default;
  Guesser(Guesser&&) = default;
  Guesser& operator=(Guesser&&) = default;
  void Use(std::unique_ptr<Drafter> drafter);
  bool any() const { return !sources_.empty(); }

  // Appends to `tokens` at most `most` that may follow `text`, all below `vocab`; none where none promises more than it costs.
  // Returns how many. `text` is the one of the last call with more tokens behind it.
  Result<size_t> Guess(std::span<const int32_t> text, size_t most, size_t vocab, const GuessPrice& price,
                       std::vector<int32_t>& tokens);
  void Learn(size_t accepted);  // of the last guess, which was checked

 private:
  struct Source {
    std::unique_ptr<Drafter> drafter;
    std::vector<Acceptance> kinds;
    PassCost cost;  // of drafting, by tokens
  };
  std::vector<Source> sources_;
  size_t guessed_ = 0;            // tokens of the last guess
  Acceptance* judged_ = nullptr;  // whose it is
};

}  // namespace hasten
