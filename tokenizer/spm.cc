#include "tokenizer/spm.h"

#include <bit>

#include "tokenizer/byte_chars.h"
#include "tokenizer/space_mark.h"
#include "tokenizer/utf8.h"

namespace hasten {
namespace {

// Orders floats (not NaN) from high to low as integers; never Merge::kNone.
uint32_t RankOfScore(float score) {
  const uint32_t bits = std::bit_cast<uint32_t>(score == 0 ? 0.0f : score);  // -0 ranks with 0
  return bits & 0x80000000 ? bits : 0x7fffffff - bits;
}

}  // namespace

SpmModel::SpmModel(const Vocab& vocab, bool adds_space_prefix) : vocab_(vocab), adds_space_prefix_(adds_space_prefix) {
  byte_tokens_.fill(kNoToken);
  ranks_.reserve(vocab.size());
  for (size_t i = 0; i < vocab.size(); ++i) {
    const Token t = Token(i);
    const std::string_view text = vocab.Text(t);
    ranks_.push_back(RankOfScore(vocab.Score(t)));
    if (const int byte = ByteOfName(text); byte >= 0 && byte_tokens_[byte] == kNoToken) byte_tokens_[byte] = t;
    if (IsUtf8(text)) cuts_.JoinAll(text);  // otherwise no text holds it
  }
}

void SpmModel::EncodeWord(std::string_view word, EncodeScratch& scratch, std::vector<Token>& out) const {
  const WordCache::Place place = scratch.cache.Find(word);
  if (place.known()) {
    out.insert(out.end(), place.tokens().begin(), place.tokens().end());
    return;
  }
  std::string& text = scratch.text;
  text.clear();
  MarkSpaces(word, text);
  scratch.symbols.clear();
  for (size_t at = 0; at < text.size();) {
    const uint32_t bytes = DecodeUtf8(text.data() + at).bytes;
    scratch.symbols.push_back({uint32_t(at), bytes, kNoToken});
    at += bytes;
  }
  scratch.merger.Run(scratch.symbols, [&](const Symbol& left, const Symbol& right) -> Merge {
    const size_t bytes = size_t(left.bytes) + right.bytes;
    if (bytes > vocab_.longest()) return {};
    const Token t = vocab_.Find(std::string_view(text).substr(left.begin, bytes));
    return t == kNoToken ? Merge{} : Merge{ranks_[t], t};
  });
  const size_t before = out.size();
  for (const Symbol& s : scratch.symbols) {
    const std::string_view piece = std::string_view(text).substr(s.begin, s.bytes);
    if (const Token t = vocab_.Find(piece); t != kNoToken) {
      out.push_back(t);
      continue;
    }
    for (const char c : piece) {
      const Token t = byte_tokens_[uint8_t(c)];
      if (const Token some = t != kNoToken ? t : vocab_.special().unknown; some != kNoToken) out.push_back(some);
    }
  }
  place.Set(std::span(out).subspan(before));
}

void SpmModel::Encode(std::string_view text, bool at_start, EncodeScratch& scratch, std::vector<Token>& out) const {
  if (at_start && adds_space_prefix_) {
    const size_t bytes = cuts_.FirstWord(text);
    EncodeWord(" " + std::string(text.substr(0, bytes)), scratch, out);
    text.remove_prefix(bytes);
  }
  while (!text.empty()) {
    const size_t bytes = cuts_.FirstWord(text);
    EncodeWord(text.substr(0, bytes), scratch, out);
    text.remove_prefix(bytes);
  }
}

}  // namespace hasten
