// The pattern of Llama 3 (GPT-4's cl100k with groups of three digits) and its relatives.
#include "tokenizer/pretokenize/scan.h"
#include "tokenizer/pretokenize/stages.h"

namespace hasten {
namespace {

struct Style {
  bool contractions = true;
  int digits = 1;               // of one piece
  uint8_t word = kLetter;       // classes that make words
  bool takes_line_ends = true;  // symbols take the line ends behind them
};

template <Style style>
const char* NextWord(const Scan& scan, const char* p) {
  if constexpr (style.contractions)
    if (const size_t bytes = Contraction<true>(p, scan.end)) return p + bytes;
  const Scan::Here first = scan.At(p);
  if (first.Is(style.word)) return scan.Skip(p, style.word);
  if (first.Is(kNumber)) {
    const char* q = p + first.bytes;
    for (int i = 1; i < style.digits; ++i) {
      const Scan::Here digit = scan.At(q);
      if (!digit.Is(kNumber)) break;
      q += digit.bytes;
    }
    return q;
  }
  if (!IsLineEnd(*p) && scan.At(p + first.bytes).Is(style.word)) return scan.Skip(p + first.bytes, style.word);
  const char* symbols = p + (*p == ' ');
  const char* q = scan.SkipOthers(symbols, style.word | kNumber | kSpace);
  if (q == symbols) return SpaceOrLineEnds(scan, p);
  if constexpr (style.takes_line_ends)
    while (q != scan.end && IsLineEnd(*q)) ++q;
  return q;
}

template <Style style>
void Split(std::string_view text, const CharClasses& classes, WordSink sink) {
  const Scan scan{text.data() + text.size(), classes};
  Tile(text, sink, [&scan](const char* p) { return NextWord<style>(scan, p); });
}

}  // namespace

void SplitLlama3(std::string_view text, const CharClasses& classes, WordSink sink) {
  Split<Style{.digits = 3}>(text, classes, sink);
}
void SplitQwen2(std::string_view text, const CharClasses& classes, WordSink sink) { Split<Style{}>(text, classes, sink); }
void SplitQwen35(std::string_view text, const CharClasses& classes, WordSink sink) {
  Split<Style{.word = kLetter | kMark}>(text, classes, sink);
}
void SplitSeedCoder(std::string_view text, const CharClasses& classes, WordSink sink) {
  Split<Style{.takes_line_ends = false}>(text, classes, sink);
}
void SplitNoContractions(std::string_view text, const CharClasses& classes, WordSink sink) {
  Split<Style{.contractions = false}>(text, classes, sink);
}

}  // namespace hasten
