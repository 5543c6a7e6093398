// Small steps over valid UTF-8 that the stages share.
#pragma once

#include "tokenizer/pretokenize/pretokenizer.h"
#include "tokenizer/utf8.h"

namespace hasten {

// A view of the text from some character on. At the end, the class and the byte length are 0.
struct Scan {
  const char* end;
  const CharClasses& classes;

  struct Here {
    uint8_t bits;
    uint8_t bytes;
    explicit operator bool() const { return bytes != 0; }
    bool Is(uint8_t any_of) const { return (bits & any_of) != 0; }
  };
  Here At(const char* p) const {
    if (p == end) return {0, 0};
    if (uint8_t(*p) < 0x80) return {classes.Of(uint8_t(*p)), 1};
    const Utf8Char c = DecodeUtf8(p);
    return {classes.Of(c.code), uint8_t(c.bytes)};
  }
  // The first character at or after `p` of none of these classes.
  const char* Skip(const char* p, uint8_t any_of) const {
    for (Here h = At(p); h.Is(any_of); h = At(p)) p += h.bytes;
    return p;
  }
  // The first character at or after `p` of one of these classes, or the end.
  const char* SkipOthers(const char* p, uint8_t none_of) const {
    for (Here h = At(p); h && !h.Is(none_of); h = At(p)) p += h.bytes;
    return p;
  }
};

inline bool IsLineEnd(char c) { return c == '\r' || c == '\n'; }
inline bool IsAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool IsAsciiDigit(char c) { return c >= '0' && c <= '9'; }

// Bytes of 's|'t|'re|'ve|'m|'ll|'d at `p`, 0 where there is none.
template <bool any_case>
inline size_t Contraction(const char* p, const char* end) {
  const auto letter = [&](int i) { return any_case ? char(p[i] | 0x20) : p[i]; };
  if (end - p < 2 || *p != '\'') return 0;
  if (any_case && !IsAsciiLetter(p[1])) return 0;
  if (letter(1) == 's' || letter(1) == 't' || letter(1) == 'm' || letter(1) == 'd') return 2;
  if (end - p < 3 || (any_case && !IsAsciiLetter(p[2]))) return 0;
  const bool ends_in_e = (letter(1) == 'r' || letter(1) == 'v') && letter(2) == 'e';
  return ends_in_e || (letter(1) == 'l' && letter(2) == 'l') ? 3 : 0;
}

// The end of \s+(?!\S)|\s+ at `p`, which is at white space: a run leaves its last character to the word that follows.
inline const char* SpaceRun(const Scan& scan, const char* p) {
  const char* end = scan.Skip(p, kSpace);
  if (end == scan.end) return end;
  const char* last = PreviousUtf8(end);
  return last == p ? end : last;
}

// The end of \s*[\r\n]+|\s+(?!\S)|\s+ at `p`, which is at white space.
inline const char* SpaceOrLineEnds(const Scan& scan, const char* p) {
  const char* end = scan.Skip(p, kSpace);
  for (const char* q = end; q != p; --q)
    if (IsLineEnd(q[-1])) return q;
  return SpaceRun(scan, p);
}

// Calls sink for the words that `next(p)` ends, one after the other.
template <class Next>
void Tile(std::string_view text, WordSink sink, const Next& next) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    const char* q = next(p);
    sink({p, size_t(q - p)});
    p = q;
  }
}

// Cuts out matches: `match(p)` is the end of the match that begins at p, or p itself where none does.
template <class Match>
void CutOut(std::string_view text, WordSink sink, const Match& match) {
  const char* gap = text.data();
  const char* const end = gap + text.size();
  for (const char* p = gap; p != end;) {
    const char* q = match(p);
    if (q == p) {
      p += DecodeUtf8(p).bytes;
      continue;
    }
    if (gap != p) sink({gap, size_t(p - gap)});
    sink({p, size_t(q - p)});
    gap = p = q;
  }
  if (gap != end) sink({gap, size_t(end - gap)});
}

}  // namespace hasten
