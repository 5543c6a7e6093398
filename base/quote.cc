#include "base/quote.h"

#include "base/result.h"

namespace hasten {

size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned lead = byte(0), second = byte(1);
  if (text.empty()) return 0;
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool second_fits = lead == 0xe0 ? second >= 0xa0 : lead == 0xed ? second < 0xa0 : true;
    return continues(1) && second_fits && continues(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool second_fits = lead == 0xf0 ? second >= 0x90 : lead == 0xf4 ? second < 0x90 : true;
    return continues(1) && second_fits && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

std::string Printable(std::string_view text, size_t limit) {
  std::string out;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const unsigned char c = static_cast<unsigned char>(text[0]);
    // U+0080 to U+009F, the C1 controls, are C2 80 to C2 9F.
    const bool control = c < 0x20 || c == 0x7f || (length == 2 && c == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0);
    const bool escaped = length == 0 || control;
    const std::string piece = escaped ? Fmt("\\x%02x", c) : std::string(text.substr(0, length));
    if (out.size() + piece.size() > limit) return out + "…";
    out += piece;
    text.remove_prefix(escaped ? 1 : length);
  }
  return out;
}

}  // namespace hasten
