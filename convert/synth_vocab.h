// A small self-made vocabulary of any size for models of random weights: byte-level BPE whose merges join English letters by
// their frequency, so that text becomes a plausible number of tokens and every reader of such files accepts it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hasten {

struct SynthVocab {
  std::vector<std::string> tokens;  // ids 0 to 255 are the bytes, 256 ends a text
  std::vector<int32_t> types;       // tokenizer.ggml.token_type
  std::vector<std::string> merges;  // "left right", best first
  static constexpr uint32_t kEndOfText = 256;
};

SynthVocab MakeSynthVocab(size_t size);  // 257 or more

}  // namespace hasten
