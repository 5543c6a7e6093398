// Stages of DeepSeek's patterns.
//
// Where their classes hold white space other than ASCII (U+3000, and what lies between U+0800 and U+4E00), llama.cpp's
// matching leaves it out of runs, and the files' reference ids are made so; it is left out here too.
#include <algorithm>
#include <array>
#include <iterator>

#include "tokenizer/pretokenize/scan.h"
#include "tokenizer/pretokenize/stages.h"

namespace hasten {
namespace {

struct CodeRange {
  uint32_t first, last;
};

// The letters listed one by one in deepseek-llm's configuration (cased letters of about Unicode 11, not all of them).
// clang-format off
constexpr CodeRange kCasedLetters[] = {
    {0x0041, 0x005a}, {0x0061, 0x007a}, {0x00b5, 0x00b5}, {0x00c0, 0x00d6}, {0x00d8, 0x00f6}, {0x00f8, 0x01ba},
    {0x01bc, 0x01bf}, {0x01c4, 0x0293}, {0x0295, 0x02af}, {0x0370, 0x0373}, {0x0376, 0x0377}, {0x037b, 0x037d},
    {0x037f, 0x037f}, {0x0386, 0x0386}, {0x0388, 0x038a}, {0x038c, 0x038c}, {0x038e, 0x03a1}, {0x03a3, 0x03f5},
    {0x03f7, 0x0481}, {0x048a, 0x052f}, {0x0531, 0x0556}, {0x10a0, 0x10c5}, {0x13a0, 0x13f5}, {0x13f8, 0x13fd},
    {0x1c90, 0x1cba}, {0x1cbd, 0x1cbf}, {0x1d00, 0x1d2b}, {0x1d6b, 0x1d77}, {0x1d79, 0x1d9a}, {0x1e00, 0x1f15},
    {0x1f18, 0x1f1d}, {0x1f20, 0x1f45}, {0x1f48, 0x1f4d}, {0x1f50, 0x1f57}, {0x1f59, 0x1f59}, {0x1f5b, 0x1f5b},
    {0x1f5d, 0x1f5d}, {0x1f5f, 0x1f7d}, {0x1f80, 0x1fb4}, {0x1fb6, 0x1fbc}, {0x1fbe, 0x1fbe}, {0x1fc2, 0x1fc4},
    {0x1fc6, 0x1fcc}, {0x1fd0, 0x1fd3}, {0x1fd6, 0x1fdb}, {0x1fe0, 0x1fec}, {0x1ff2, 0x1ff4}, {0x1ff6, 0x1ffc},
    {0x2102, 0x2102}, {0x2107, 0x2107}, {0x210a, 0x2113}, {0x2115, 0x2115}, {0x2119, 0x211d}, {0x2124, 0x2124},
    {0x2126, 0x2126}, {0x2128, 0x2128}, {0x212a, 0x212d}, {0x212f, 0x2134}, {0x2139, 0x2139}, {0x213c, 0x213f},
    {0x2145, 0x2149}, {0x214e, 0x214e}, {0x2183, 0x2184}, {0x2c00, 0x2c7b}, {0x2c7e, 0x2ce4}, {0x2ceb, 0x2cee},
    {0x2cf2, 0x2cf3}, {0xa640, 0xa66d}, {0xa680, 0xa69b}, {0xa722, 0xa76f}, {0xa771, 0xa787}, {0xa78b, 0xa78e},
    {0xab70, 0xabbf}, {0xfb00, 0xfb06}, {0xfb13, 0xfb17}, {0xff21, 0xff3a}, {0xff41, 0xff5a}, {0x10400, 0x1044f},
    {0x104b0, 0x104d3}, {0x104d8, 0x104fb}, {0x10c80, 0x10cb2}, {0x10cc0, 0x10cf2}, {0x118a0, 0x118df},
    {0x1e900, 0x1e943}};
constexpr CodeRange kMarks[] = {
    {0x0021, 0x002f}, {0x003a, 0x007e}, {0x2018, 0x201f}, {0x3000, 0x3002}, {0xff01, 0xff0f}, {0xff1a, 0xff5e}};
constexpr CodeRange kAsian[] = {{0x0800, 0x9fa5}, {0xac00, 0xd7ff}};
// clang-format on

// A set of characters; ASCII, which is most of a text, by table.
class CharSet {
 public:
  constexpr explicit CharSet(std::span<const CodeRange> ranges) : ranges_(ranges) {
    for (const CodeRange& r : ranges)
      for (uint32_t code = r.first; code <= r.last && code < 128; ++code) ascii_[code] = true;
  }
  bool Has(const char* p) const {
    if (uint8_t(*p) < 128) return ascii_[uint8_t(*p)];
    const uint32_t code = DecodeUtf8(p).code;
    const auto after =
        std::upper_bound(ranges_.begin(), ranges_.end(), code, [](uint32_t c, const CodeRange& r) { return c < r.first; });
    return after != ranges_.begin() && code <= std::prev(after)->last;
  }

 private:
  std::span<const CodeRange> ranges_;
  std::array<bool, 128> ascii_{};
};
constexpr CharSet kCasedLetterSet(kCasedLetters), kMarkSet(kMarks), kAsianSet(kAsian);

// Cuts out runs of characters in `set` that are not white space; `spaced`: with one white-space character in front.
template <bool spaced>
void CutRanges(std::string_view text, const CharClasses& classes, WordSink sink, const CharSet& set) {
  const Scan scan{text.data() + text.size(), classes};
  CutOut(text, sink, [&](const char* p) {
    const Scan::Here first = scan.At(p);
    const char* const run = spaced && first.Is(kSpace) ? p + first.bytes : p;
    const char* q = run;
    for (Scan::Here h = scan.At(q); h && !h.Is(kSpace) && set.Has(q); h = scan.At(q)) q += h.bytes;
    return q == run ? p : q;
  });
}

bool IsAsciiMark(Scan::Here h, const char* p) { return uint8_t(*p) < 0x80 && h.Is(kPunctuation | kSymbol); }

// The end of the match at `p`, or p where no alternative matches (numbers, control characters).
const char* DeepseekV3Word(const Scan& scan, const char* p) {
  constexpr uint8_t kWord = kLetter | kMark, kSigns = kPunctuation | kSymbol;
  const Scan::Here first = scan.At(p);
  if (IsAsciiMark(first, p) && p + 1 != scan.end && IsAsciiLetter(p[1])) {
    const char* q = p + 1;
    while (q != scan.end && IsAsciiLetter(*q)) ++q;
    return q;
  }
  if (first.Is(kWord)) return scan.Skip(p, kWord);
  if (!IsLineEnd(*p) && !first.Is(kSigns) && scan.At(p + first.bytes).Is(kWord)) return scan.Skip(p + first.bytes, kWord);
  const char* signs = p + (*p == ' ');
  if (const char* q = scan.Skip(signs, kSigns); q != signs) {
    while (q != scan.end && IsLineEnd(*q)) ++q;
    return q;
  }
  return first.Is(kSpace) ? SpaceOrLineEnds(scan, p) : p;
}

}  // namespace

void CutDeepseekLetters(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRanges<true>(text, classes, sink, kCasedLetterSet);
}
void CutDeepseekMarks(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRanges<true>(text, classes, sink, kMarkSet);
}
void CutAsianRuns(std::string_view text, const CharClasses& classes, WordSink sink) {
  CutRanges<false>(text, classes, sink, kAsianSet);
}

void SplitDeepseekV3Words(std::string_view text, const CharClasses& classes, WordSink sink) {
  const Scan scan{text.data() + text.size(), classes};
  CutOut(text, sink, [&scan](const char* p) { return DeepseekV3Word(scan, p); });
}

}  // namespace hasten
