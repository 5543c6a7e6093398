// Who guesses how a text goes on (docs/speculation.md). A guess may be anything: what the model would not have chosen itself
// is thrown away, so a bad one costs time and never changes a byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace hasten {

class Drafter {
 public:
  virtual ~Drafter() = default;

  // Guesses are of a few kinds, from hopeful to almost certain, and how often each comes true is learnt apart.
  // What to expect of a kind before anything is known: the share of tokens that come true.
  virtual std::span<const double> Expectations() const = 0;
  // The kind of guess that could be made of what follows `text`, or nothing where there is none. `text` is the one of the
  // last call with more tokens behind it.
  virtual std::optional<size_t> Look(std::span<const int32_t> text) = 0;
  // Appends at most `count` tokens that may follow the text last looked at.
  virtual Status Draft(size_t count, std::vector<int32_t>& tokens) = 0;
};

}  // namespace hasten
