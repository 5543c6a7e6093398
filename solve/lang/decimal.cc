#include "solve/lang/decimal.h"

#include <algorithm>

namespace hasten::solve {

namespace {

using Int = Decimal::Int;

constexpr int kMostScale = 30;
constexpr Int kMost = Int(1) << 120;

bool Digit(char c) { return c >= '0' && c <= '9'; }

Int Power(int exponent) {
  Int p = 1;
  while (exponent-- > 0) p *= 10;
  return p;
}

Decimal Trimmed(Decimal d) {
  while (d.scale > 0 && d.mantissa % 10 == 0) {
    d.mantissa /= 10;
    --d.scale;
  }
  return d;
}

// Brings both to one scale; false where that does not fit.
bool Align(Decimal& a, Decimal& b) {
  a = Trimmed(a);
  b = Trimmed(b);
  const int scale = std::max(a.scale, b.scale);
  for (Decimal* d : {&a, &b}) {
    while (d->scale < scale) {
      if (d->mantissa > kMost / 10 || d->mantissa < -kMost / 10) return false;
      d->mantissa *= 10;
      ++d->scale;
    }
  }
  return true;
}

std::string Digits(Int value) {
  std::string digits;
  do {
    digits += char('0' + int(value % 10));
    value /= 10;
  } while (value != 0);
  return {digits.rbegin(), digits.rend()};
}

// Commas may stand only before groups of three (or, in India, of two and a last
// one of three).
bool GroupedWell(std::string_view whole) {
  const size_t last = whole.rfind(',');
  if (last == std::string_view::npos) return true;
  if (whole.size() - last != 4 || whole[0] == ',') return false;
  size_t run = 0;
  for (const char c : whole.substr(0, last + 1)) {
    if (c != ',') {
      ++run;
    } else {
      if (run == 0 || run > 3) return false;
      run = 0;
    }
  }
  return true;
}

}  // namespace

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++at;
  const size_t begin = at;
  while (at < text.size() && (Digit(text[at]) || text[at] == ',')) ++at;
  const std::string_view whole = text.substr(begin, at - begin);
  if (!GroupedWell(whole)) return std::nullopt;
  Decimal d;
  size_t digits = 0;
  const auto push = [&](char c) {
    ++digits;
    if (d.mantissa > kMost / 100) return false;
    d.mantissa = d.mantissa * 10 + (c - '0');
    return true;
  };
  for (const char c : whole) {
    if (c != ',' && !push(c)) return std::nullopt;
  }
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && Digit(text[at]); ++at, ++d.scale) {
      if (d.scale == kMostScale || !push(text[at])) return std::nullopt;
    }
  }
  if (digits == 0) return std::nullopt;
  if (negative) d.mantissa = -d.mantissa;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const bool minus = at + 1 < text.size() && text[at + 1] == '-';
    if (at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+')) ++at;
    int exponent = 0;
    const size_t first = ++at;
    for (; at < text.size() && Digit(text[at]); ++at) exponent = std::min(exponent * 10 + (text[at] - '0'), 1000);
    if (at == first || at != text.size()) return std::nullopt;
    return d.TimesPowerOfTen(minus ? -exponent : exponent);
  }
  if (at != text.size()) return std::nullopt;
  return d;
}

std::optional<Decimal> Decimal::TimesPowerOfTen(int exponent) const {
  Decimal d = *this;
  d.scale -= exponent;
  while (d.scale < 0) {
    if (d.mantissa > kMost / 10 || d.mantissa < -kMost / 10) return std::nullopt;
    d.mantissa *= 10;
    ++d.scale;
  }
  if (d.scale > kMostScale) return std::nullopt;
  return d;
}

std::optional<Decimal> Decimal::Plus(const Decimal& other) const {
  Decimal a = *this, b = other;
  constexpr Int kRoom = Int(1) << 125;  // a sum of sums of the largest still fits in 128 bits
  if (!Align(a, b) || a.mantissa > kRoom || a.mantissa < -kRoom || b.mantissa > kRoom || b.mantissa < -kRoom)
    return std::nullopt;
  return Decimal{a.mantissa + b.mantissa, a.scale};
}

std::optional<Decimal> Decimal::Minus(const Decimal& other) const { return Plus({-other.mantissa, other.scale}); }

std::optional<Decimal> Decimal::Times(const Decimal& other) const {
  const Decimal a = Trimmed(*this), b = Trimmed(other);
  Decimal product{0, a.scale + b.scale};
  if (__builtin_mul_overflow(a.mantissa, b.mantissa, &product.mantissa)) return std::nullopt;
  if (product.mantissa > kMost || product.mantissa < -kMost) return std::nullopt;
  product = Trimmed(product);
  return product.scale > kMostScale ? std::nullopt : std::optional(product);
}

std::optional<Decimal> Decimal::Over(const Decimal& other) const {
  constexpr int kPlaces = 12;
  Decimal a = Trimmed(*this), b = Trimmed(other);
  if (b.mantissa == 0) return std::nullopt;
  for (int shift = kPlaces + b.scale - a.scale; shift != 0; shift += shift > 0 ? -1 : 1) {
    Int& grown = shift > 0 ? a.mantissa : b.mantissa;
    if (grown > kMost / 10 || grown < -kMost / 10) return std::nullopt;
    grown *= 10;
  }
  const bool negative = (a.mantissa < 0) != (b.mantissa < 0);
  const Int n = a.mantissa < 0 ? -a.mantissa : a.mantissa, d = b.mantissa < 0 ? -b.mantissa : b.mantissa;
  const Int q = n / d + (n % d >= d - n % d ? 1 : 0);
  return Trimmed({negative ? -q : q, kPlaces});
}

std::optional<Decimal> Decimal::Remainder(const Decimal& other) const {
  Decimal a = *this, b = other;
  if (!Align(a, b) || b.mantissa <= 0) return std::nullopt;
  return Trimmed({(a.mantissa % b.mantissa + b.mantissa) % b.mantissa, a.scale});
}

bool Decimal::operator==(const Decimal& other) const {
  const Decimal a = Trimmed(*this), b = Trimmed(other);
  return a.mantissa == b.mantissa && a.scale == b.scale;
}

bool Decimal::operator<(const Decimal& other) const {
  Decimal a = *this, b = other;
  if (Align(a, b)) return a.mantissa < b.mantissa;
  return double(mantissa) / double(Power(scale)) < double(other.mantissa) / double(Power(other.scale));
}

std::optional<Decimal> RoundTo(const Decimal& value, const Decimal& unit, const Decimal& offset, Rounding mode) {
  Decimal a = value, u = unit, minus = offset;
  minus.mantissa = -minus.mantissa;
  const auto shifted = a.Plus(minus);
  if (!shifted) return std::nullopt;
  a = *shifted;
  if (!Align(a, u) || u.mantissa <= 0) return std::nullopt;
  Int count = a.mantissa / u.mantissa;
  const Int rest = a.mantissa % u.mantissa;
  const Int twice = rest * 2;
  switch (mode) {
    case Rounding::kNearest:
      if (twice >= u.mantissa) ++count;
      if (twice <= -u.mantissa) --count;
      break;
    case Rounding::kDown:
      if (rest < 0) --count;
      break;
    case Rounding::kUp:
      if (rest > 0) ++count;
      break;
  }
  Decimal result{count * u.mantissa, u.scale};
  if (offset.mantissa != 0) {
    const auto moved = result.Plus(offset);
    if (!moved) return std::nullopt;
    result = *moved;
  }
  while (result.scale > unit.scale && result.mantissa % 10 == 0) {
    result.mantissa /= 10;
    --result.scale;
  }
  return result;
}

std::string FormatNumber(const Decimal& value, const NumberFormat& format) {
  Decimal d = format.least_decimals < 0 ? value : Trimmed(value);
  if (d.scale > format.most_decimals) {
    d = RoundTo(d, {1, format.most_decimals}, {}, Rounding::kNearest).value_or(d);
    if (format.least_decimals >= 0) d = Trimmed(d);
  }
  const bool negative = d.mantissa < 0;
  std::string digits = Digits(negative ? -d.mantissa : d.mantissa);
  if (digits.size() <= size_t(d.scale)) digits.insert(0, size_t(d.scale) + 1 - digits.size(), '0');
  std::string whole = digits.substr(0, digits.size() - size_t(d.scale)), part = digits.substr(whole.size());
  if (int(part.size()) < format.least_decimals) part.append(size_t(format.least_decimals) - part.size(), '0');
  if (whole.size() < size_t(format.least_digits)) whole.insert(0, size_t(format.least_digits) - whole.size(), '0');
  if (format.least_digits == 0 && whole == "0" && !part.empty()) whole.clear();
  if (format.grouping != NumberFormat::Grouping::kNone) {
    const size_t step = format.grouping == NumberFormat::Grouping::kIndian ? 2 : 3;
    for (size_t at = whole.size() > 3 ? whole.size() - 3 : 0; at > 0; at -= std::min(at, step)) whole.insert(at, format.group);
  }
  return (negative ? "-" : "") + whole + (part.empty() ? "" : format.point + part);
}

std::string NameOfGrouping(const NumberFormat& format) {
  const std::string name = format.grouping == NumberFormat::Grouping::kThousands ? "thousands"
                           : format.grouping == NumberFormat::Grouping::kIndian  ? "indian"
                                                                                 : "none";
  return format.group == "," && format.point == "." ? name : name + ":" + format.group + ":" + format.point;
}

void SetGrouping(std::string_view name, NumberFormat& format) {
  const size_t first = name.find(':'), second = first == std::string_view::npos ? first : name.find(':', first + 1);
  if (second != std::string_view::npos) {
    format.group = name.substr(first + 1, second - first - 1);
    format.point = name.substr(second + 1);
  }
  name = name.substr(0, first);
  if (name == "thousands") format.grouping = NumberFormat::Grouping::kThousands;
  if (name == "indian") format.grouping = NumberFormat::Grouping::kIndian;
}

}  // namespace hasten::solve
