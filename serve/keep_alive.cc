#include "serve/keep_alive.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace hasten {

// Takes "90m" off the front of `text`; a number alone is seconds.
static std::optional<double> TakePart(std::string_view& text) {
  static constexpr struct {
    std::string_view name;
    double seconds;
  } kUnits[] = {{"ns", 1e-9}, {"us", 1e-6}, {"\xc2\xb5s", 1e-6}, {"ms", 1e-3}, {"h", 3600}, {"m", 60}, {"s", 1}};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || std::signbit(number)) return std::nullopt;
  text.remove_prefix(size_t(end - text.data()));
  for (const auto& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return number * unit.seconds;
  }
  return text.empty() ? std::optional(number) : std::nullopt;
}

Result<double> KeepAliveSeconds(const Json& value) {
  constexpr double kForEver = std::numeric_limits<double>::infinity();
  if (value.is_number()) return value.get<double>() < 0 ? kForEver : value.get<double>();
  const Error wrong{Code::kBadInput, "keep_alive has to be a number of seconds, or a text such as \"5m\""};
  if (!value.is_string()) return wrong;
  std::string_view text = value.get_ref<const std::string&>();
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return wrong;
  double seconds = 0;
  while (!text.empty()) {
    const auto part = TakePart(text);
    if (!part) return wrong;
    seconds += *part;
  }
  return negative ? kForEver : seconds;
}

}  // namespace hasten
