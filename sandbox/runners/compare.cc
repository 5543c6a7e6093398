#include "sandbox/runners/compare.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/quote.h"

namespace hasten::sandbox {

using Json = nlohmann::ordered_json;

static bool SameNumber(const Json& a, const Json& b) {
  if (a.is_number_integer() && b.is_number_integer()) return a == b;
  const double x = a.get<double>(), y = b.get<double>();
  if (std::fabs(y) >= 0x1p63) return x == y;  // an integer beyond 64 bits arrives as a double: as close as doubles tell
  return std::fabs(x - y) <= 1e-9 * std::max(std::fabs(x), std::fabs(y)) + 1e-15;
}

bool SameValue(const Json& got, const Json& wanted) {
  if (got.is_number() && wanted.is_number()) return SameNumber(got, wanted);
  if (got.type() != wanted.type()) return false;
  if (got.is_array()) return got.size() == wanted.size() && std::equal(got.begin(), got.end(), wanted.begin(), SameValue);
  if (!got.is_object()) return got == wanted;
  if (got.size() != wanted.size()) return false;
  for (const auto& [key, value] : wanted.items())
    if (const auto found = got.find(key); found == got.end() || !SameValue(*found, value)) return false;
  return true;
}

static std::string_view WithoutEnd(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == text.npos ? 0 : last + 1);
}

bool SameText(std::string_view got, std::string_view wanted) {
  got = WithoutEnd(got);
  wanted = WithoutEnd(wanted);
  while (!got.empty() || !wanted.empty()) {
    const size_t a = std::min(got.find('\n'), got.size()), b = std::min(wanted.find('\n'), wanted.size());
    if (WithoutEnd(got.substr(0, a)) != WithoutEnd(wanted.substr(0, b))) return false;
    if ((a == got.size()) != (b == wanted.size())) return false;
    got.remove_prefix(std::min(a + 1, got.size()));
    wanted.remove_prefix(std::min(b + 1, wanted.size()));
  }
  return true;
}

std::string Head(std::string_view text, size_t limit) { return Printable(text, limit); }

std::string CallText(const Check& check) {
  const std::string name = check.function.substr(0, check.function.find(':'));
  std::string_view arguments = check.arguments;
  const size_t first = arguments.find('['), last = arguments.rfind(']');
  if (first != arguments.npos && last != arguments.npos && last > first)
    arguments = arguments.substr(first + 1, last - first - 1);
  return name + "(" + Head(arguments, 200) + ")";
}

std::string LastLine(std::string_view text) {
  text = WithoutEnd(text);
  const size_t start = text.rfind('\n');
  return Head(text.substr(start == text.npos ? 0 : start + 1), 300);
}

}  // namespace hasten::sandbox
