// Byte-pair encoding by a list of merges, over bytes (GPT-2 and most others) or over characters with byte fallback (gemma 4).
#pragma once

#include <array>
#include <span>
#include <string>
#include <unordered_map>

#include "tokenizer/model.h"
#include "tokenizer/pair_table.h"
#include "tokenizer/pieces.h"
#include "tokenizer/pretokenize/pretokenizer.h"
#include "tokenizer/safe_cuts.h"

namespace hasten {

class BpeModel final : public TokenModel {
 public:
  // `merges`: "LEFT RIGHT", in the order of their ranks; a line without a space between two texts merges nothing. What is
  // merged need not be a token: if it stays, its parts that are tokens stand for it. `vocab`, `pieces`,
  // `pre` and `classes` outlive the model.
  BpeModel(const Vocab& vocab, const Pieces& pieces, std::span<const std::string_view> merges, const PreTokenizer& pre,
           const CharClasses& classes);
  void Encode(std::string_view text, bool at_start, EncodeScratch& scratch, std::vector<Token>& out) const override;

 private:
  int32_t Intern(std::string_view text);          // the symbol of that text: a token, or a number behind the tokens
  int32_t SymbolOf(std::string_view text) const;  // -1 where no merge and no token knows it
  void AddMerges(std::span<const std::string_view> merges);
  void IndexWholeWords(const Pieces& pieces);
  void EncodeWord(std::string_view word, EncodeScratch& scratch, std::vector<Token>& out) const;
  void MergeWord(std::string_view word, EncodeScratch& scratch, std::vector<Token>& out) const;
  void ByteSymbols(std::string_view word, std::vector<Symbol>& symbols) const;
  void CharSymbols(std::string_view word, std::vector<Symbol>& symbols) const;
  void AppendParts(std::string_view bytes, std::vector<Token>& out) const;  // of a symbol that is no token

  const Vocab& vocab_;
  const PreTokenizer& pre_;
  const CharClasses& classes_;
  PairTable pairs_;
  std::unordered_map<std::string, int32_t> extra_symbols_;  // texts in merges that are no tokens
  std::array<int32_t, 256> byte_symbols_;                   // byte level: of the byte's character; else: token <0xNN>
  TextIndex words_{0};                                      // byte level, whole words first: tokens by what they stand for
  SafeCuts cuts_;                                           // characters: where a word can be cut
};

}  // namespace hasten
