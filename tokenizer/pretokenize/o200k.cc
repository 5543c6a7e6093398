// The pattern of GPT-4o (o200k) and of Mistral's Tekken: a word ends where a capital follows a small letter.
#include "tokenizer/pretokenize/scan.h"
#include "tokenizer/pretokenize/stages.h"

namespace hasten {
namespace {

constexpr uint8_t kCapital = kUpper | kCaseless | kMark;
constexpr uint8_t kSmall = kLower | kCaseless | kMark;

// The end of [capital]*[small]+ at `p`, or p where it does not match. A character may be both: a greedy engine gives back
// capitals from the right until one of them is small as well.
const char* CapitalsThenSmall(const Scan& scan, const char* p) {
  const char* both_end = p;  // behind the last character of the run that is small as well
  const char* q = p;
  for (Scan::Here h = scan.At(q); h.Is(kCapital); h = scan.At(q)) {
    q += h.bytes;
    if (h.Is(kSmall)) both_end = q;
  }
  if (scan.At(q).Is(kSmall)) return scan.Skip(q, kSmall);
  return both_end;
}

// The end of a word of letters at `p`, or p.
const char* LetterWord(const Scan& scan, const char* p) {
  const Scan::Here first = scan.At(p);
  const bool may_lead = !IsLineEnd(*p) && !first.Is(kLetter | kNumber);  // [^\r\n\p{L}\p{N}]
  const char* behind = p + first.bytes;
  if (may_lead)
    if (const char* q = CapitalsThenSmall(scan, behind); q != behind) return q;
  if (const char* q = CapitalsThenSmall(scan, p); q != p) return q;
  if (may_lead)
    if (const char* q = scan.Skip(behind, kCapital); q != behind) return q;
  return scan.Skip(p, kCapital);
}

template <bool contractions, int digits>
const char* NextWord(const Scan& scan, const char* p) {
  if (const char* q = LetterWord(scan, p); q != p) return contractions ? q + Contraction<true>(q, scan.end) : q;
  if (scan.At(p).Is(kNumber)) {
    const char* q = p;
    for (int i = 0; i < digits && scan.At(q).Is(kNumber); ++i) q += scan.At(q).bytes;
    return q;
  }
  const char* symbols = p + (*p == ' ');
  const char* q = scan.SkipOthers(symbols, kLetter | kNumber | kSpace);
  if (q == symbols) return SpaceOrLineEnds(scan, p);
  while (q != scan.end && (IsLineEnd(*q) || *q == '/')) ++q;
  return q;
}

}  // namespace

void SplitO200k(std::string_view text, const CharClasses& classes, WordSink sink) {
  const Scan scan{text.data() + text.size(), classes};
  Tile(text, sink, [&scan](const char* p) { return NextWord<true, 3>(scan, p); });
}

void SplitTekken(std::string_view text, const CharClasses& classes, WordSink sink) {
  const Scan scan{text.data() + text.size(), classes};
  Tile(text, sink, [&scan](const char* p) { return NextWord<false, 1>(scan, p); });
}

}  // namespace hasten
