// Exact decimal numbers, as people write them in tables: no binary rounding on
// the way from "0.1" to "0.10".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hasten::solve {

// mantissa * 10^-scale. Operations give nothing where the result would not fit.
struct Decimal {
  __extension__ using Int = __int128;
  Int mantissa = 0;
  int scale = 0;

  static Decimal Of(int64_t value) { return {value, 0}; }
  // "1,234.50", "-3", "+.5", "5.58E-01"; commas only where thousands are.
  // Nothing for anything else.
  static std::optional<Decimal> Parse(std::string_view text);
  std::optional<Decimal> TimesPowerOfTen(int exponent) const;
  std::optional<Decimal> Plus(const Decimal& other) const;
  std::optional<Decimal> Minus(const Decimal& other) const;
  std::optional<Decimal> Times(const Decimal& other) const;
  std::optional<Decimal> Over(const Decimal& other) const;       // to twelve places, half away from zero
  std::optional<Decimal> Remainder(const Decimal& other) const;  // of the quotient rounded down; of a positive divisor
  bool operator==(const Decimal& other) const;
  bool operator<(const Decimal& other) const;
};

enum class Rounding : uint8_t { kNearest, kDown, kUp };  // half away from zero; towards minus and plus infinity

// The multiple of `unit` (positive) plus `offset` that `value` rounds to.
std::optional<Decimal> RoundTo(const Decimal& value, const Decimal& unit, const Decimal& offset, Rounding mode);

struct NumberFormat {
  // Beyond the most, digits are rounded away; below the least, zeros are added.
  // A least of -1: as many as the number was written with.
  int least_decimals = 0, most_decimals = 30;
  int least_digits = 1;  // before the point; zeros are added
  enum class Grouping : uint8_t { kNone, kThousands, kIndian } grouping = Grouping::kNone;
  std::string group = ",", point = ".";
  bool operator==(const NumberFormat&) const = default;
};
std::string FormatNumber(const Decimal& value, const NumberFormat& format);

// Grouping and marks as programs name them: "none", "thousands", "indian", and where the marks are others "thousands:.:,".
std::string NameOfGrouping(const NumberFormat& format);
void SetGrouping(std::string_view name, NumberFormat& format);

}  // namespace hasten::solve
