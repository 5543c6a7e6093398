// Numbers as outputs write them, in the notations of the world.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "solve/lang/decimal.h"

namespace hasten::solve {

struct Notation {
  std::string_view group, point;
  float cost;
};
std::span<const Notation> Notations();  // the first is that of programs themselves: 1,234.5

struct Numeral {
  std::string text;   // as it stands, without blanks before it
  std::string plain;  // the same in the first notation, without a +
  Decimal value;
  size_t blanks = 0, end = 0;  // blanks before it; where it ends
  size_t decimals = 0, digits = 0;
  bool grouped = false, plus = false, minus = false;
};

// The number that `text` begins with, blanks before it allowed; `whole`: no further than its point.
std::optional<Numeral> ReadNumeral(std::string_view text, const Notation& notation, bool whole);

}  // namespace hasten::solve
