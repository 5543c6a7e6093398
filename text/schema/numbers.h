// Numbers between bounds, of which something is a multiple, as expressions over their digits.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "text/grammar/regex.h"
#include "text/schema/schema.h"

namespace hasten::schema {

// A decimal number without exponent: -12.5 is {true, "12", "5"}; no zeros that mean nothing.
struct Decimal {
  bool negative = false;
  std::string whole = "0", fraction = {};
  static std::optional<Decimal> From(const nlohmann::ordered_json& number);  // none beyond 400 digits
  bool zero() const { return whole == "0" && fraction.empty(); }
};
int Compare(const Decimal& a, const Decimal& b);

struct Bound {
  Decimal at;
  bool exclusive = false;
};

struct NumberRange {
  bool integer = false;
  bool whole_only = false;  // draft 4: 1.0 is no integer
  std::optional<Bound> min, max;
  std::vector<Decimal> multiples;
};

// kNothing where there is no such number; none where a multiple needs more states than there is room for.
std::optional<grammar::ReId> NumberRegex(grammar::RegexPool& pool, const NumberRange& range, SchemaStyle style);
// All the ways to write one number (strict: one).
grammar::ReId EqualNumber(grammar::RegexPool& pool, const nlohmann::ordered_json& number, SchemaStyle style);

}  // namespace hasten::schema
