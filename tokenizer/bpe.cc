#include "tokenizer/bpe.h"

#include "tokenizer/byte_chars.h"
#include "tokenizer/space_mark.h"
#include "tokenizer/utf8.h"

namespace hasten {

BpeModel::BpeModel(const Vocab& vocab, const Pieces& pieces, std::span<const std::string_view> merges, const PreTokenizer& pre,
                   const CharClasses& classes)
    : vocab_(vocab), pre_(pre), classes_(classes), pairs_(merges.size()) {
  AddMerges(merges);
  for (int byte = 0; byte < 256; ++byte)
    byte_symbols_[byte] = pre.byte_level ? SymbolOf(CharOfByte(uint8_t(byte))) : vocab.Find(NameOfByte(uint8_t(byte)));
  if (pre.whole_words_first) IndexWholeWords(pieces);
}

int32_t BpeModel::SymbolOf(std::string_view text) const {
  if (const Token t = vocab_.Find(text); t != kNoToken) return t;
  const auto extra = extra_symbols_.find(std::string(text));
  return extra == extra_symbols_.end() ? -1 : extra->second;
}

int32_t BpeModel::Intern(std::string_view text) {
  if (const Token t = vocab_.Find(text); t != kNoToken) return t;
  return extra_symbols_.try_emplace(std::string(text), int32_t(vocab_.size() + extra_symbols_.size())).first->second;
}

void BpeModel::AddMerges(std::span<const std::string_view> merges) {
  std::string joined;
  Token next = 0;  // most vocabularies list what merges make in the order of the merges: a guess that saves a look-up
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const size_t space = merges[rank].find(' ', 1);  // the left text is not empty
    if (space == std::string_view::npos || space + 1 == merges[rank].size()) continue;
    const std::string_view left = merges[rank].substr(0, space), right = merges[rank].substr(space + 1);
    joined.assign(left).append(right);
    const bool guessed = vocab_.Has(next) && vocab_.Text(next) == joined;
    const int32_t merged = guessed ? next : Intern(joined);
    next = merged + 1;
    pairs_.Add(Intern(left), Intern(right), {uint32_t(rank), merged});
    if (!pre_.byte_level && IsUtf8(joined)) cuts_.JoinAll(joined);
  }
}

// So that a word can be looked up as it stands in the text, without writing it in byte characters first. Special tokens stand
// for no bytes here: they are found before words are.
void BpeModel::IndexWholeWords(const Pieces& pieces) {
  words_ = TextIndex(vocab_.size());
  for (Token t = 0; vocab_.Has(t); ++t)
    if (vocab_.Is(t, kNormalToken)) words_.Add(pieces.Of(t), t);
}

void BpeModel::ByteSymbols(std::string_view word, std::vector<Symbol>& symbols) const {
  symbols.resize(word.size());
  for (uint32_t i = 0; i < word.size(); ++i) symbols[i] = {i, 1, byte_symbols_[uint8_t(word[i])]};
}

void BpeModel::CharSymbols(std::string_view word, std::vector<Symbol>& symbols) const {
  symbols.clear();
  for (size_t at = 0; at < word.size();) {
    const uint32_t bytes = DecodeUtf8(word.data() + at).bytes;
    symbols.push_back({uint32_t(at), bytes, SymbolOf(word.substr(at, bytes))});
    at += bytes;
  }
}

void BpeModel::AppendParts(std::string_view bytes, std::vector<Token>& out) const {
  for (const char c : bytes)
    if (const int32_t symbol = byte_symbols_[uint8_t(c)]; vocab_.Has(symbol)) out.push_back(symbol);
}

void BpeModel::MergeWord(std::string_view word, EncodeScratch& scratch, std::vector<Token>& out) const {
  if (pre_.whole_words_first)
    if (const Token t = words_.Find(word); t != kNoToken) return out.push_back(t);
  if (pre_.byte_level)
    ByteSymbols(word, scratch.symbols);
  else
    CharSymbols(word, scratch.symbols);
  scratch.merger.Run(scratch.symbols,
                     [this](const Symbol& left, const Symbol& right) { return pairs_.Find(left.id, right.id); });
  for (const Symbol& s : scratch.symbols) {
    if (vocab_.Has(s.id))
      out.push_back(s.id);
    else
      AppendParts(word.substr(s.begin, s.bytes), out);
  }
}

void BpeModel::EncodeWord(std::string_view word, EncodeScratch& scratch, std::vector<Token>& out) const {
  const WordCache::Place place = scratch.cache.Find(word);
  if (place.known()) {
    out.insert(out.end(), place.tokens().begin(), place.tokens().end());
    return;
  }
  const size_t before = out.size();
  if (pre_.byte_level) {
    MergeWord(word, scratch, out);
  } else {
    scratch.text.clear();
    MarkSpaces(word, scratch.text);
    MergeWord(scratch.text, scratch, out);
  }
  place.Set(std::span(out).subspan(before));
}

void BpeModel::Encode(std::string_view text, bool, EncodeScratch& scratch, std::vector<Token>& out) const {
  pre_.Split(text, classes_, [&](std::string_view piece) {
    if (pre_.byte_level) return EncodeWord(piece, scratch, out);
    // Gemma 4 has tokens for runs of newlines that no merge makes.
    if (piece[0] == '\n')
      if (const Token t = vocab_.Find(piece); t != kNoToken) return out.push_back(t);
    while (!piece.empty()) {
      const size_t bytes = cuts_.FirstWord(piece);
      EncodeWord(piece.substr(0, bytes), scratch, out);
      piece.remove_prefix(bytes);
    }
  });
}

}  // namespace hasten
