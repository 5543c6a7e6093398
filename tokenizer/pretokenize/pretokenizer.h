// Which words a text is cut into before merging: each model family's own pattern, by the name that files give it
// (tokenizer.ggml.pre). The patterns are regular expressions in the models' configurations; here they are scanners, which
// need one pass, no stack and no limit on the length of a match.
#pragma once

#include <span>
#include <string_view>

#include "base/threads.h"
#include "tokenizer/char_class.h"

namespace hasten {

using WordSink = FunctionRef<void(std::string_view word)>;

// Cuts `text` (valid UTF-8, not empty) into pieces that tile it, in order; none is empty.
using SplitStage = void(std::string_view text, const CharClasses& classes, WordSink sink);

struct PreTokenizer {
  std::string_view name;
  std::span<SplitStage* const> stages;  // each cuts the pieces of the one before
  bool whole_words_first = false;       // a word that is a token is that token, whatever the merges say
  bool adds_bos = false;                // where the file does not say
  bool byte_level = true;  // merges work on bytes written as GPT-2's 256 characters; otherwise on UTF-8 with ▁ for spaces
  void Split(std::string_view text, const CharClasses& classes, WordSink sink) const;
};

const PreTokenizer* FindPreTokenizer(std::string_view name);  // nullptr where it is not one of ours
std::span<const PreTokenizer> PreTokenizers();

}  // namespace hasten
