#include "text/jinja/unicode.h"

#include <wctype.h>

#include <locale.h>
#include <algorithm>

#include "base/quote.h"
#include "text/encoding.h"

namespace hasten::jinja {

// glibc has this locale built in since 2.35; without it only ASCII has case.
static locale_t Locale() {
  static const locale_t locale = [] {
    const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return utf8 ? utf8 : newlocale(LC_CTYPE_MASK, "C", nullptr);
  }();
  return locale;
}

bool IsAscii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

static bool Begins(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

size_t CountChars(std::string_view text) { return size_t(std::ranges::count_if(text, Begins)); }

size_t ByteOfChar(std::string_view text, size_t index) {
  size_t at = 0;
  for (; at < text.size(); ++at)
    if (Begins(text[at]) && index-- == 0) return at;
  return text.size();
}

uint32_t NextChar(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0x80u; };
  const uint32_t lead = byte(at);
  const size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  uint32_t c = more == 0 ? lead : lead & (0x3fu >> more);
  for (size_t i = 1; i <= more; ++i) c = c << 6 | (byte(at + i) & 0x3f);
  at = std::min(at + more + 1, text.size());
  return c;
}

std::string ValidUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t size = Utf8Length(bytes);
    if (size == 0) {
      AppendUtf8(out, 0xfffd);
    } else {
      out.append(bytes.substr(0, size));
    }
    bytes.remove_prefix(std::max<size_t>(size, 1));
  }
  return out;
}

bool IsLineBreak(uint32_t c) {
  return (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool IsSpace(uint32_t c) {
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool IsDigit(uint32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  // Superscripts are digits to Python, and neither letters nor digits to the C library.
  if (c == 0xb2 || c == 0xb3 || c == 0xb9 || c == 0x2070 || (c >= 0x2074 && c <= 0x2079) || (c >= 0x2080 && c <= 0x2089))
    return true;
  // The decimal digits of other scripts, ten in a row each. Source: Unicode's category Nd.
  for (const uint32_t zero : {0x660u, 0x6f0u, 0x7c0u, 0x966u, 0x9e6u, 0xa66u, 0xae6u, 0xb66u, 0xbe6u, 0xc66u, 0xce6u, 0xd66u,
                              0xe50u, 0xed0u, 0xf20u, 0x1040u, 0x17e0u, 0x1810u, 0xff10u})
    if (c >= zero && c < zero + 10) return true;
  return false;
}

bool IsAlpha(uint32_t c) { return iswalpha_l(wint_t(c), Locale()) && !IsDigit(c); }
bool IsUpper(uint32_t c) { return iswupper_l(wint_t(c), Locale()); }
bool IsLower(uint32_t c) { return iswlower_l(wint_t(c), Locale()) || c == 0xaa || c == 0xba; }
bool IsWord(uint32_t c) { return c == '_' || iswalnum_l(wint_t(c), Locale()) || IsDigit(c); }

bool IsPrintable(uint32_t c) {
  if (c < 0x80) return c >= 0x20 && c != 0x7f;
  if (IsSpace(c) || c == 0xad || (c >= 0x600 && c <= 0x605) || c == 0x61c || c == 0x6dd || c == 0x70f || c == 0x180e)
    return false;
  if ((c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)) return false;
  if ((c >= 0xe000 && c <= 0xf8ff) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || c >= 0xe0000) return false;
  return iswprint_l(wint_t(c), Locale());
}

// The characters that grow when their case changes, of those that texts hold. Source: Unicode's SpecialCasing.
static void AppendUpper(std::string& out, uint32_t c) {
  if (c == 0xdf) {
    out += "SS";
  } else if (c >= 0xfb00 && c <= 0xfb06) {
    static constexpr const char* kLigatures[] = {"FF", "FI", "FL", "FFI", "FFL", "ST", "ST"};
    out += kLigatures[c - 0xfb00];
  } else if (c == 0x149) {
    out += "\xca\xbcN";
  } else {
    AppendUtf8(out, uint32_t(towupper_l(wint_t(c), Locale())));
  }
}

static void AppendTitle(std::string& out, uint32_t c) {
  if (c == 0xdf) {
    out += "Ss";
  } else if ((c >= 0x1c4 && c <= 0x1cc) || (c >= 0x1f1 && c <= 0x1f3)) {  // pairs in one character: three cases each
    AppendUtf8(out, c < 0x1f1 ? 0x1c5 + (c - 0x1c4) / 3 * 3 : 0x1f2);
  } else {
    AppendUpper(out, c);
  }
}

// A sigma at the end of a word has a shape of its own.
static bool FinalSigma(std::string_view text, size_t begin, size_t end) {
  size_t at = 0;
  bool before = false;
  for (uint32_t c = 0; at < begin; before = IsAlpha(c)) c = NextChar(text, at);
  return before && (end >= text.size() || !IsAlpha(NextChar(text, end)));
}

static void AppendLower(std::string& out, uint32_t c, std::string_view text, size_t begin, size_t end) {
  if (c == 0x130) {
    out += "i\xcc\x87";
  } else if (c == 0x3a3) {
    const size_t word = begin > 64 ? begin - 64 : 0;  // far enough to meet the character before
    size_t from = word;
    while (from < begin && !Begins(text[from])) ++from;
    AppendUtf8(out, FinalSigma(text.substr(from), begin - from, end - from) ? 0x3c2 : 0x3c3);
  } else {
    AppendUtf8(out, uint32_t(towlower_l(wint_t(c), Locale())));
  }
}

// Walks over the characters; `change(out, c, begin, end)` appends what becomes of each.
template <class Change>
static std::string Mapped(std::string_view text, Change change) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const uint32_t c = NextChar(text, at);
    change(out, c, begin, at);
  }
  return out;
}

std::string Upper(std::string_view text) {
  return Mapped(text, [](std::string& out, uint32_t c, size_t, size_t) { AppendUpper(out, c); });
}

std::string Lower(std::string_view text) {
  return Mapped(text, [&](std::string& out, uint32_t c, size_t begin, size_t end) { AppendLower(out, c, text, begin, end); });
}

std::string Capitalized(std::string_view text) {
  return Mapped(text, [&](std::string& out, uint32_t c, size_t begin, size_t end) {
    begin == 0 ? AppendTitle(out, c) : AppendLower(out, c, text, begin, end);
  });
}

std::string Titled(std::string_view text) {
  bool inside = false;
  return Mapped(text, [&](std::string& out, uint32_t c, size_t begin, size_t end) {
    inside ? AppendLower(out, c, text, begin, end) : AppendTitle(out, c);
    inside = IsUpper(c) || IsLower(c);
  });
}

std::string SwapCase(std::string_view text) {
  return Mapped(text, [&](std::string& out, uint32_t c, size_t begin, size_t end) {
    if (IsUpper(c)) {
      AppendLower(out, c, text, begin, end);
    } else if (IsLower(c)) {
      AppendUpper(out, c);
    } else {
      AppendUtf8(out, c);
    }
  });
}

}  // namespace hasten::jinja
