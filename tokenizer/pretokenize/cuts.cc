// Stages that cut out runs of some class of characters, before or after a pattern for words.
#include <string_view>

#include "tokenizer/pretokenize/scan.h"
#include "tokenizer/pretokenize/stages.h"

namespace hasten {
namespace {

// Cuts out runs of at most `most` characters (0: any number) for which `in(bits, character)`.
template <int most, class In>
void CutRuns(std::string_view text, const CharClasses& classes, WordSink sink, const In& in) {
  const Scan scan{text.data() + text.size(), classes};
  CutOut(text, sink, [&](const char* p) {
    for (int n = 0; most == 0 || n < most; ++n) {
      const Scan::Here h = scan.At(p);
      if (!h || !in(h, p)) break;
      p += h.bytes;
    }
    return p;
  });
}

// So too, but with one white-space character in front where there is one.
template <class In>
void CutSpacedRuns(std::string_view text, const CharClasses& classes, WordSink sink, const In& in) {
  const Scan scan{text.data() + text.size(), classes};
  CutOut(text, sink, [&](const char* p) {
    const Scan::Here first = scan.At(p);
    const char* const run = first.Is(kSpace) ? p + first.bytes : p;
    const char* q = run;
    for (Scan::Here h = scan.At(q); h && in(h, q); h = scan.At(q)) q += h.bytes;
    return q == run ? p : q;
  });
}

bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
auto OfClass(uint8_t bits) {
  return [bits](Scan::Here h, const char*) { return h.Is(bits); };
}

}  // namespace

void CutNumber(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRuns<1>(text, classes, sink, OfClass(kNumber));
}
void CutNumberRuns(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRuns<0>(text, classes, sink, OfClass(kNumber));
}
void CutNumberTriples(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRuns<3>(text, classes, sink, OfClass(kNumber));
}

void CutThreeDigits(std::string_view text, const CharClasses&, WordSink sink) {
  const char* const end = text.data() + text.size();
  CutOut(text, sink, [end](const char* p) {
    return end - p >= 3 && IsAsciiDigit(p[0]) && IsAsciiDigit(p[1]) && IsAsciiDigit(p[2]) ? p + 3 : p;
  });
}

void CutLineEnds(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRuns<1>(text, classes, sink, [](Scan::Here, const char* p) { return IsLineEnd(*p); });
}

void CutLines(std::string_view text, const CharClasses&, WordSink sink) {
  while (!text.empty()) {
    const size_t end = text[0] == '\n' ? text.find_first_not_of('\n') : text.find('\n');
    sink(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size()));
  }
}

void CutPunctuation(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRuns<0>(text, classes, sink, [](Scan::Here h, const char* p) { return h.Is(kPunctuation) || IsOneOf(*p, "$+<=>^~|"); });
}
void CutPunctuationOrTick(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRuns<0>(text, classes, sink, [](Scan::Here h, const char* p) { return h.Is(kPunctuation) || IsOneOf(*p, "$+<=>^~|`"); });
}
void CutSpacedLetters(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutSpacedRuns(text, classes, sink, OfClass(kLetter));
}
void CutSpacedPunctuation(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutSpacedRuns(text, classes, sink, OfClass(kPunctuation));
}

void CutTrailingSpace(std::string_view text, const CharClasses& classes, WordSink sink) {
  const char* const end = text.data() + text.size();
  const Scan scan{end, classes};
  const char* run = end;
  while (run != text.data() && scan.At(PreviousUtf8(run)).Is(kSpace)) run = PreviousUtf8(run);
  if (run != text.data()) sink({text.data(), size_t(run - text.data())});
  if (run != end) sink({run, size_t(end - run)});
}

void CutCjkRuns(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRuns<0>(text, classes, sink, [](Scan::Here, const char* p) {
    const uint32_t c = DecodeUtf8(p).code;
    return (c >= 0x4e00 && c <= 0x9fa5) || (c >= 0x3040 && c <= 0x30ff);
  });
}

}  // namespace hasten
