#include "base/human.h"

#include <cmath>

#include "base/result.h"

namespace hasten {

// Three significant digits, without an exponent.
static std::string Digits(double x) {
  const double size = std::fabs(x);
  return Fmt(size >= 99.95 ? "%.0f" : size >= 9.995 ? "%.1f" : "%.2f", x);
}

std::string HumanBytes(double bytes) {
  static constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return Fmt("%.0f B", bytes);
  size_t unit = 0;
  for (bytes /= 1024; bytes >= 999.5 && unit < 3; bytes /= 1024) ++unit;
  return Digits(bytes) + " " + kUnits[unit];
}

std::string HumanCount(double count) {
  static constexpr const char* kUnits[] = {"k", "M", "B", "T"};
  if (count < 1000) return Fmt("%.0f", count);
  size_t unit = 0;
  for (count /= 1000; count >= 999.5 && unit < 3; count /= 1000) ++unit;
  return Digits(count) + " " + kUnits[unit];
}

std::string HumanSeconds(double seconds) {
  if (seconds == 0) return "0 s";
  if (seconds < 1e-3) return Digits(seconds * 1e6) + " us";
  if (seconds < 1) return Digits(seconds * 1e3) + " ms";
  if (seconds < 120) return Digits(seconds) + " s";
  const double minutes = std::floor(seconds / 60);
  return Fmt("%.0f min %.0f s", minutes, seconds - 60 * minutes);
}

}  // namespace hasten
