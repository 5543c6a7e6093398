// The text of one sequence as it is written: tokens are chosen from logits, become characters, and at some point it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/constraint/constraint.h"
#include "engine/logprobs.h"
#include "engine/sampler.h"
#include "engine/stop.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

// Why a text ended.
enum class Finish : uint8_t {
  kEnd,        // the model chose a token that ends
  kStop,       // a stop string was complete
  kLength,     // as many tokens as were asked for
  kContext,    // the context is full
  kTime,       // the time limit passed
  kCancelled,  // whoever asked went away, or the process stops
  kFailed,     // an error, which stands beside it
};

// What a model thinks before it answers, between two marks.
struct ThoughtOptions {
  std::string open, close;
  std::string cut;                         // what is written to end a thought whose tokens are spent
  bool inside = false;                     // the prompt ended in a thought
  std::optional<size_t> most_tokens = {};  // of all thoughts together
};

struct TextOptions {
  SamplerOptions sampler;
  size_t max_tokens = 0;
  std::vector<std::string> stops;
  std::shared_ptr<Constraint> constraint = nullptr;  // what the text has to be; used by the thread that writes it alone
  std::string constraint_begins = {};  // it holds behind each of these marks in the text, until it is satisfied; empty: always
  std::string constraint_before = {};  // the end of the prompt, where a mark may stand or begin
  bool constraint_ends = false;        // a text that has satisfied what began behind a mark ends
  std::optional<ThoughtOptions> thought = {};  // no mark counts inside of one
  bool show_special = false;                   // control tokens are text too
  std::optional<size_t> logprobs;  // how many of the likeliest tokens to name beside each chosen one; nothing: none at all
};

struct TextToken {
  Token token;
  Logprobs logprobs;  // only where they were asked for
};

// Text that can be shown, and the tokens whose last byte is in it.
struct Piece {
  std::string text;
  std::vector<TextToken> tokens;
};

class TextStream {
 public:
  TextStream(const Tokenizer& tokenizer, TextOptions options);

  // The token that follows `so_far`. Once it is the last, finish() says why; a token that ends the text has no text.
  Token Choose(std::span<const float> logits, std::span<const Token> so_far, Piece& piece);
  // The tokens that come next whatever the model says, at most `most`, taken as if it had chosen them: a function of
  // constraint, thoughts and tokenizer, so that the text is the same where Choose is asked for each of them. None where their
  // log-probabilities are wanted.
  std::vector<Token> TakeForced(size_t most, Piece& piece);
  // The tokens that Choose will look at next, where the constraint leaves at most `most`; else, and where log-probabilities are
  // wanted, none: it looks at all. Valid until the next token is taken.
  std::span<const Token> Candidates(size_t most);
  void End(Finish why, Piece& piece);  // from outside: what was held back comes out
  std::optional<Finish> finish() const { return finish_; }
  size_t generated() const { return generated_; }            // tokens chosen, one that ends the text included
  size_t thought_tokens() const { return thought_tokens_; }  // of these, inside of thoughts
  const std::string& stop() const { return stops_.matched(); }
  const TextOptions& options() const { return options_; }

 private:
  struct Waiting {
    TextToken token;
    size_t end;  // in bytes of decoded text
  };
  Token Pick(std::span<const float> logits, std::span<const Token> so_far);
  std::span<const uint64_t> Mask();
  void Take(Token token, std::span<const float> logits, Piece& piece);
  void Follow(Token token, const std::string& text);
  void Think(const std::string& text);
  void CutThought();
  bool Begins();
  void FillForced();
  void Release(std::string text, bool all, Piece& piece);

  const Tokenizer& tokenizer_;
  TextOptions options_;
  Sampler sampler_;
  StreamDecoder decoder_;
  StopStrings stops_;
  std::optional<ConstraintState> state_;  // while the constraint holds
  std::span<const uint64_t> mask_;        // of state_, where it has been asked since the last token; else empty
  std::vector<float> masked_;
  std::vector<Token> candidates_;
  std::string tail_;          // of the text, where a mark may begin
  std::string thought_tail_;  // the same for the marks of thoughts
  bool thinking_ = false, cut_ = false;
  std::deque<Token> forced_;     // that come next whatever the model says: the end of a thought, or all a constraint leaves
  std::deque<Waiting> waiting_;  // tokens whose text is held back
  size_t decoded_ = 0, shown_ = 0, generated_ = 0, thought_tokens_ = 0;
  std::optional<Finish> finish_;
};

}  // namespace hasten
