// Bytes to token ids and back, exactly as the model was trained.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "tokenizer/vocab.h"

namespace hasten {

struct EncodeOptions {
  bool add_special = false;    // BOS and EOS where the model's metadata asks for them
  bool parse_special = false;  // control tokens written in the text become themselves
};

// Everything but Load is const and may be called from many threads at once.
class Tokenizer {
 public:
  // kUnsupported names the tokenizer model or pre-tokenizer and lists those supported; kCorrupt names the bad key.
  // Nothing of `file` is needed afterwards.
  static Result<Tokenizer> Load(const Gguf& file);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  // Any bytes; invalid UTF-8 becomes U+FFFD. n log n in the length of the text.
  std::vector<Token> Encode(std::string_view text, EncodeOptions options = {}) const;
  // The whole text that the tokens stand for: without the space that Encode put in front, invalid UTF-8 as U+FFFD.
  std::string Decode(std::span<const Token> tokens, bool show_special = false) const;

  size_t size() const;
  bool Has(Token t) const { return t >= 0 && size_t(t) < size(); }
  // Of ids that are not in the vocabulary: no text, no bytes, neither control nor end.
  std::string_view Text(Token t) const;   // as written in the vocabulary file
  std::string_view Piece(Token t) const;  // the bytes it stands for; control tokens stand for nothing
  bool IsControl(Token t) const;
  bool EndsGeneration(Token t) const;  // EOS, EOT, EOM and the like
  Token bos() const;                   // -1 where there is none
  Token eos() const;
  bool adds_bos() const;
  std::string_view kind() const;  // "bpe qwen2", "spm", …: for people

 private:
  friend class StreamDecoder;
  struct Impl;
  explicit Tokenizer(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

// Tokens in, text out, never half a UTF-8 character: bytes of an unfinished character wait for the next token.
class StreamDecoder {
 public:
  // kContinuation: the tokens go on from others, so a space in front is the text's own. kWholeText: a space in front may be
  // the one that Encode put there, and is dropped if so.
  enum class Start : uint8_t { kContinuation, kWholeText };
  explicit StreamDecoder(const Tokenizer& tokenizer, bool show_special = false, Start start = Start::kContinuation);
  std::string Push(Token t);  // what became complete
  std::string Finish();       // what is left, invalid bytes as U+FFFD

 private:
  const Tokenizer::Impl& tokenizer_;  // stays where it is when a Tokenizer moves
  bool show_special_, drops_space_;
  std::string pending_;
};

}  // namespace hasten
