// The part of a tokenizer that turns text between special tokens into ids: byte-pair merges or score merges.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/merge.h"
#include "tokenizer/vocab.h"
#include "tokenizer/word_cache.h"

namespace hasten {

// What one encoding needs besides the model; used by one thread at a time, kept between calls for its cache.
struct EncodeScratch {
  WordCache cache;
  Merger merger;
  std::vector<Symbol> symbols;
  std::string text;
};

class TokenModel {
 public:
  virtual ~TokenModel() = default;
  // Appends the tokens of `text` (valid UTF-8). `at_start`: nothing but special tokens stand before it, where some models
  // put a space.
  virtual void Encode(std::string_view text, bool at_start, EncodeScratch& scratch, std::vector<Token>& out) const = 0;
};

}  // namespace hasten
