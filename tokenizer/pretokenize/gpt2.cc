// The pattern of GPT-2, which many byte-level vocabularies use, alone or after other stages.
#include "tokenizer/pretokenize/scan.h"
#include "tokenizer/pretokenize/stages.h"

namespace hasten {

void SplitGpt2(std::string_view text, const CharClasses& classes, WordSink sink) {
  const Scan scan{text.data() + text.size(), classes};
  Tile(text, sink, [&scan](const char* p) {
    if (const size_t bytes = Contraction<false>(p, scan.end)) return p + bytes;
    const char* word = p + (*p == ' ');
    const Scan::Here first = scan.At(word);
    if (first.Is(kLetter)) return scan.Skip(word, kLetter);
    if (first.Is(kNumber)) return scan.Skip(word, kNumber);
    if (first && !first.Is(kSpace)) return scan.SkipOthers(word, kLetter | kNumber | kSpace);
    return SpaceRun(scan, p);
  });
}

}  // namespace hasten
