// Writes one sequence: the model reads a chosen token together with a guess at what follows, and as much of the guess as it
// would have chosen itself is kept. The tokens are the same, byte for byte, as without guesses:
//
// - a row of logits does not depend on the rows beside it (docs/determinism.md);
// - a choice depends on logits, the tokens before and the position, never on what was drawn before;
// - so each row of a pass gives the very choice that reading token by token would have given, up to and including the first
//   that differs from the guess. What was guessed behind it is forgotten (Engine::Truncate; recurrent state goes back to its
//   mark, and the tokens that were right are read again with the next pass).
//
//   Writer writer(*engine, seq, [&](auto logits, auto text) { return sampler.Sample(logits, text, text.size()); });
//   writer.Use(std::make_unique<NgramDrafter>());
//   std::span first = writer.First(prompt_logits);          // at least one token
//   for (…) { TRY(const auto tokens, writer.Next()); … }    // at least one
//
// Many sequences at once: Plan of each, one Engine::Step, Take of each.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/guesser.h"

namespace hasten {

struct WriterStats {
  size_t passes = 0;    // of Take
  size_t tokens = 0;    // chosen in them
  size_t forced = 0;    // that nobody had to choose
  size_t drafted = 0;   // tokens guessed
  size_t accepted = 0;  // of which chosen
};

struct WriterOptions {
  size_t most_drafted = 16;  // tokens of one pass; 0: no speculation
  double row_cost = 0;       // of a row, as a share of a pass over one; 0: measured
};

class Writer {
 public:
  // The token that follows `text` (prompt included), given its logits. Called once for each position, in order.
  using Choose = std::function<int32_t(std::span<const float> logits, std::span<const int32_t> text)>;

  // Tokens that follow whatever the model would say; they are read with the next pass, and chosen by nobody.
  using Forced = std::function<std::vector<int32_t>()>;
  // The tokens whose logits Choose will look at next, where they are few; none: it looks at all (StepRequest::candidates).
  using Candidates = std::function<std::span<const int32_t>()>;

  // `seq` holds the prompt. The engine runs passes of up to 1 + most_drafted rows with logits (EngineOptions::max_logit_rows;
  // fewer just make shorter drafts), and keeps marks for recurrent models (EngineOptions::marks).
  Writer(Engine& engine, SequenceId seq, Choose choose, WriterOptions options = {});
  void Use(std::unique_ptr<Drafter> drafter) { guesser_.Use(std::move(drafter)); }  // of several, the one that promises most

  void Use(Forced forced) { forced_ = std::move(forced); }
  void UseCandidates(Candidates candidates) { candidates_ = std::move(candidates); }

  // The first token, from the logits of the prompt's last. Later ones: reads all that is chosen, and returns what follows.
  std::span<const int32_t> First(std::span<const float> logits);
  Result<std::span<const int32_t>> Next();

  // Next in two halves, for a step that others share. A plan may be made again before its step. `room`: how many rows of
  // logits it may take.
  Result<StepRequest> Plan(size_t room);
  Result<std::span<const int32_t>> Take(const LogitRows& rows, size_t first_row);

  std::span<const int32_t> text() const { return text_; }  // all tokens, prompt included
  const WriterStats& stats() const { return stats_; }

 private:
  size_t MostDrafted(size_t room) const;
  void AddForced();
  double RowCost() const { return options_.row_cost > 0 ? options_.row_cost : cost_.OfRow(); }

  Engine& engine_;
  const SequenceId seq_;
  const Choose choose_;
  Forced forced_;
  Candidates candidates_;
  const WriterOptions options_;
  Guesser guesser_;
  std::vector<int32_t> text_;     // all tokens; the engine's sequence holds the first of them
  std::vector<int32_t> request_;  // those it does not, then the draft
  std::vector<int32_t> chosen_;
  size_t drafted_ = 0;  // at the end of request_
  PassCost cost_;
  WriterStats stats_;
};

}  // namespace hasten
