// What a generated text may be: a JSON Schema, a GBNF grammar or a regular expression, as masks over token ids.
//
//   TRY(const auto vocab, ConstraintVocab::Create(tokenizer));            // once a model; some 50 ms for 150,000 tokens
//   TRY(const auto constraint, Constraint::Compile(vocab, {.kind = ConstraintKind::kSchema, .text = json}));
//   ConstraintState state(constraint);                                    // one a sequence; copy it to fork
//   while (…) { Apply(state.Mask(), logits); … TRY_OK(state.Accept(token)); }
//
// A Constraint keeps what it learns of its masks, for all states made from it, so one thread at a time uses a constraint and
// its states. Compile may run on any thread, many at once. docs/constraints.md says what is supported.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/constraint/automaton.h"
#include "engine/constraint/masker.h"
#include "text/schema/schema.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

enum class ConstraintKind : uint8_t {
  kSchema,
  kGrammar,
  kRegex,
  kThought,  // `begin`, anything, `text`, line ends; without `begin` where the prompt holds it
  kEither,   // one of `either`
  kBuilt,    // what `build` says
};

// A text's parts one after another are parts of one constraint: what stands around a schema is a kRegex or kGrammar part.
struct ConstraintPart {
  ConstraintKind kind = ConstraintKind::kSchema;
  std::string text = {};
  std::string begin = {};                                                   // kThought
  bool optional = false;                                                    // kThought
  std::vector<std::vector<ConstraintPart>> either = {};                     // kEither: each is a sequence
  std::function<Result<grammar::ReId>(grammar::Grammar&)> build = nullptr;  // kBuilt; called while compiling
};

struct ConstraintSpec {
  std::vector<ConstraintPart> parts;  // the text is one of each, in this order
  SchemaOptions schema = {};
};

class ConstraintVocab {
 public:
  // `tokenizer` must outlive it.
  static std::shared_ptr<const ConstraintVocab> Create(const Tokenizer& tokenizer);
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const constraint::VocabTrie& trie() const { return trie_; }
  const constraint::MaskEntry& any_string() const { return *any_string_; }
  size_t words() const { return (trie_.vocab() + 63) / 64; }  // of a mask

 private:
  explicit ConstraintVocab(const Tokenizer& tokenizer);
  const Tokenizer& tokenizer_;
  constraint::VocabTrie trie_;
  std::unique_ptr<constraint::MaskEntry> any_string_;
};

class Constraint {
 public:
  // kBadInput where the text is wrong, kUnsupported where it asks for what cannot be held; both name the place in it.
  static Result<std::shared_ptr<Constraint>> Compile(std::shared_ptr<const ConstraintVocab> vocab, const ConstraintSpec& spec);
  const ConstraintVocab& vocab() const { return *vocab_; }

 private:
  friend class ConstraintState;
  Constraint(std::shared_ptr<const ConstraintVocab> vocab, std::unique_ptr<grammar::Grammar> grammar);
  std::shared_ptr<const ConstraintVocab> vocab_;
  constraint::Automaton automaton_;
  constraint::Masker masker_;
};

class ConstraintState {
 public:
  explicit ConstraintState(std::shared_ptr<Constraint> constraint);

  // A bit for each token that may come next; those that end the text only where it may end. Valid until the next call.
  std::span<const uint64_t> Mask();
  // Goes on by a token. kBadInput, and no change, where the token is not allowed. Tokens that end the text change nothing.
  Status Accept(Token token);
  // A token whose bytes are told; kNoToken: text that is no token. False, and no change, where it is not allowed.
  bool AcceptPiece(Token token, std::string_view piece);
  // The same for text of any length that is no token; false, and no change, where it is not allowed.
  bool AcceptText(std::string_view bytes);
  bool CanEnd() const;  // the text may end here
  bool MustEnd();       // and nothing else may come
  // What has to come next whatever the model says, `most` bytes at the most; empty where there is a choice.
  std::string Forced(size_t most = 256);
  // The tokens that stand for Forced() and do not depend on what comes behind it: the tokenizer's own choice, less the last
  // token where more text may follow and be drawn into it. Whoever takes these and whoever asks the model one token at a
  // time, taking these where there are any, write the same text.
  std::vector<Token> ForcedTokens();
  // kExhausted where the constraint needed more states than it may have: from there on it refuses texts that it allows.
  Status Check() const;
  const Constraint& constraint() const { return *constraint_; }

 private:
  void Compact();
  std::shared_ptr<Constraint> constraint_;
  constraint::Arena arena_;
  constraint::Configs configs_;
  std::vector<uint64_t> mask_;
};

// The allowed tokens, ascending, where there are at most `most`; else false.
bool FewAllowed(std::span<const uint64_t> mask, size_t most, std::vector<Token>& tokens);
// Sets the logits of tokens that are not allowed to minus infinity.
void ApplyMask(std::span<const uint64_t> mask, std::span<float> logits);

}  // namespace hasten
