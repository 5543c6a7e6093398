#include "text/encoding.h"

#include <cstdint>
#include <iterator>

#include "base/quote.h"

namespace hasten {

void AppendUtf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += char(0xc0 | (c >> 6));
    out += char(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += char(0xe0 | (c >> 12));
    out += char(0x80 | (c >> 6 & 0x3f));
    out += char(0x80 | (c & 0x3f));
  } else {
    out += char(0xf0 | (c >> 18));
    out += char(0x80 | (c >> 12 & 0x3f));
    out += char(0x80 | (c >> 6 & 0x3f));
    out += char(0x80 | (c & 0x3f));
  }
}

static std::string FromUtf16(std::string_view bytes, bool big) {
  std::string out;
  const auto unit = [&](size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
    return uint32_t(big ? a << 8 | b : b << 8 | a);
  };
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    uint32_t c = unit(i);
    const bool high = c >= 0xd800 && c < 0xdc00 && i + 3 < bytes.size();
    const uint32_t low = high ? unit(i + 2) : 0;
    if (high && low >= 0xdc00 && low < 0xe000) {
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
      i += 2;
    } else if (c >= 0xd800 && c < 0xe000) {
      c = 0xfffd;  // half of a pair
    }
    AppendUtf8(out, c);
  }
  return out;
}

// Source: the WHATWG Encoding Standard, index windows-1252 (five bytes mean control characters there).
static constexpr uint16_t kWindows1252[32] = {0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                              0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,   0x017d, 0x8f,
                                              0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                              0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

static bool IsUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t size = Utf8Length(text.substr(at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

DecodedText DecodeText(std::string bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) return {bytes.substr(3), Encoding::kUtf8Bom};
  if (bytes.starts_with("\xff\xfe")) return {FromUtf16(std::string_view(bytes).substr(2), false), Encoding::kUtf16Le};
  if (bytes.starts_with("\xfe\xff")) return {FromUtf16(std::string_view(bytes).substr(2), true), Encoding::kUtf16Be};
  if (IsUtf8(bytes)) return {std::move(bytes), Encoding::kUtf8};
  std::string out;
  for (const char c : bytes) {
    const auto u = static_cast<unsigned char>(c);
    AppendUtf8(out, u >= 0x80 && u < 0xa0 ? kWindows1252[u - 0x80] : u);
  }
  return {std::move(out), Encoding::kWindows1252};
}

// The code point that begins at `at`, and its length; bytes that are no UTF-8 stand for themselves.
static std::pair<uint32_t, size_t> CodePointAt(std::string_view text, size_t at) {
  const size_t size = Utf8Length(text.substr(at));
  const auto lead = static_cast<unsigned char>(text[at]);
  if (size < 2) return {lead, 1};
  uint32_t c = lead & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) c = c << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
  return {c, size};
}

static std::optional<char> InWindows1252(uint32_t c) {
  if (c < 0x80 || (c >= 0xa0 && c < 0x100)) return char(c);
  for (size_t i = 0; i < std::size(kWindows1252); ++i) {
    if (kWindows1252[i] == c) return char(0x80 + i);
  }
  return std::nullopt;
}

std::optional<std::string> EncodeText(const std::string& utf8, Encoding encoding) {
  if (encoding == Encoding::kUtf8) return utf8;
  if (encoding == Encoding::kUtf8Bom) return "\xef\xbb\xbf" + utf8;
  const bool big = encoding == Encoding::kUtf16Be;
  std::string out;
  const auto unit = [&](uint32_t u) { out += big ? std::string{char(u >> 8), char(u)} : std::string{char(u), char(u >> 8)}; };
  if (encoding != Encoding::kWindows1252) unit(0xfeff);
  for (size_t at = 0; at < utf8.size();) {
    const auto [c, size] = CodePointAt(utf8, at);
    at += size;
    if (encoding == Encoding::kWindows1252) {
      const auto byte = InWindows1252(c);
      if (!byte) return std::nullopt;
      out += *byte;
    } else if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xd800 + ((c - 0x10000) >> 10));
      unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
  return out;
}

}  // namespace hasten
