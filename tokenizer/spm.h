// SentencePiece's BPE: characters merge by the score of what they become; what is no token becomes byte tokens.
#pragma once

#include <array>

#include "tokenizer/model.h"
#include "tokenizer/safe_cuts.h"

namespace hasten {

class SpmModel final : public TokenModel {
 public:
  // `vocab` has scores and outlives the model.
  SpmModel(const Vocab& vocab, bool adds_space_prefix);
  void Encode(std::string_view text, bool at_start, EncodeScratch& scratch, std::vector<Token>& out) const override;

 private:
  void EncodeWord(std::string_view word, EncodeScratch& scratch, std::vector<Token>& out) const;

  const Vocab& vocab_;
  const bool adds_space_prefix_;
  std::vector<uint32_t> ranks_;         // of tokens: the higher the score, the lower
  std::array<Token, 256> byte_tokens_;  // kNoToken where the vocabulary has none
  SafeCuts cuts_;
};

}  // namespace hasten
