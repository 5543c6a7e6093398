// Speculation from the command line: its flags, and a draft model ready to guess.
#pragma once

#include <memory>
#include <string>

#include "cli/session.h"
#include "engine/draft_model.h"
#include "engine/writer.h"

namespace hasten {

struct SpeculationFlags {
  std::string mode = "ngram", draft;
  size_t tokens = 16;

  void Declare(CLI::App& app);
  bool on() const { return tokens > 0 && (mode != "off" || !draft.empty()); }
  size_t rows() const { return on() ? 1 + tokens : 1; }  // with logits, of one pass of one sequence
};

// The draft model that the flags name, on the same threads, with an engine for one sequence; null where they name none.
Result<std::unique_ptr<DraftModel>> LoadDraft(const SpeculationFlags& flags, const Common& common, Team& team,
                                              const Tokenizer& tokenizer);

// Gives `writer` the drafters that the flags ask for; `draft` may be null. `choose` is how the draft model chooses: as the
// writer does, with a sampler of its own.
Status UseDrafters(const SpeculationFlags& flags, DraftModel* draft, Writer::Choose choose, Writer& writer);

}  // namespace hasten
