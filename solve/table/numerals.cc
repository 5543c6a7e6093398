#include "solve/table/numerals.h"

namespace hasten::solve {

namespace {

bool Digit(std::string_view text, size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; }

}  // namespace

std::span<const Notation> Notations() {
  static constexpr Notation kNotations[] = {
      {",", ".", 0.0f},      {".", ",", 0.6f},      {" ", ",", 0.7f},      {" ", ".", 0.8f}, {"'", ".", 0.8f},
      {"\u00a0", ",", 0.7f}, {"\u202f", ",", 0.7f}, {"\u00a0", ".", 0.9f}, {"_", ".", 1.0f},
  };
  return kNotations;
}

std::optional<Numeral> ReadNumeral(std::string_view text, const Notation& notation, bool whole) {
  Numeral n;
  while (n.blanks < text.size() && text[n.blanks] == ' ') ++n.blanks;
  size_t at = n.blanks;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) (text[at++] == '-' ? n.minus : n.plus) = true;
  if (n.minus) n.plain = "-";
  while (true) {
    if (Digit(text, at)) {
      n.plain += text[at++];
      ++n.digits;
    } else if (n.digits > 0 && text.substr(at).starts_with(notation.group) && Digit(text, at + notation.group.size())) {
      n.plain += ',';
      n.grouped = true;
      at += notation.group.size();
    } else {
      break;
    }
  }
  if (n.digits == 0) return std::nullopt;
  if (!whole && text.substr(at).starts_with(notation.point) && Digit(text, at + notation.point.size())) {
    n.plain += '.';
    for (at += notation.point.size(); Digit(text, at); ++n.decimals) n.plain += text[at++];
  }
  const auto value = Decimal::Parse(n.plain);
  if (!value) return std::nullopt;
  n.value = *value;
  n.end = at;
  n.text = text.substr(n.blanks, at - n.blanks);
  return n;
}

}  // namespace hasten::solve
