// What a model file says about its tokens, whatever the way they are made: texts, kinds, scores, special ids, flags.
// Keys are those of tokenizer.ggml.* in GGUF; rules that files leave out (which tokens end a text) follow llama.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "tokenizer/text_index.h"

namespace hasten {

using Token = int32_t;
inline constexpr Token kNoToken = -1;

// What a token is, as bits: a file gives one of them, the rules may add kControlToken.
enum TokenKind : uint8_t {
  kNormalToken = 1,
  kUnknownToken = 2,
  kControlToken = 4,
  kUserDefinedToken = 8,  // is found in a text before anything else
  kUnusedToken = 16,
  kByteToken = 32,    // named <0xNN>
  kStripsRight = 64,  // white space behind it belongs to it
};

class Vocab {
 public:
  static Result<Vocab> Load(const Gguf& file);

  size_t size() const { return texts_.size(); }
  bool Has(Token t) const { return t >= 0 && size_t(t) < size(); }
  std::string_view Text(Token t) const { return texts_[t]; }
  bool Is(Token t, uint8_t any_of) const { return (kinds_[t] & any_of) != 0; }
  bool EndsGeneration(Token t) const { return ends_[t]; }
  bool has_scores() const { return !scores_.empty(); }
  float Score(Token t) const { return scores_[t]; }
  Token Find(std::string_view text) const { return index_.Find(text); }  // the lowest id of that text, or kNoToken
  size_t longest() const { return longest_; }                            // bytes of the longest text

  struct Special {
    Token bos = kNoToken, eos = kNoToken, eot = kNoToken, eom = kNoToken, unknown = kNoToken;
  };
  const Special& special() const { return special_; }
  bool add_bos() const { return add_bos_ && special_.bos != kNoToken; }
  bool add_eos() const { return add_eos_ && special_.eos != kNoToken; }
  // For tokenizers whose kind or pattern says so unless the file does.
  struct Defaults {
    bool add_bos = false;
    Token bos = kNoToken, eos = kNoToken, unknown = kNoToken;
  };
  Status ReadFlags(const Gguf& file, const Defaults& defaults);

 private:
  explicit Vocab(size_t count) : index_(count) {}
  Status ReadTexts(const Gguf& file);
  Status ReadKinds(const Gguf& file);
  Status ReadScores(const Gguf& file);
  void MarkEnds();
  Status MarkStripping(const Gguf& file);

  std::vector<char> bytes_;  // of all texts; a vector, so that moving a Vocab moves no text
  std::vector<std::string_view> texts_;
  std::vector<uint8_t> kinds_;
  std::vector<bool> ends_;
  std::vector<float> scores_;
  TextIndex index_;
  size_t longest_ = 0;
  Special special_;
  bool add_bos_ = false, add_eos_ = false;
};

}  // namespace hasten
