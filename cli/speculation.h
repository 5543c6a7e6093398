// Speculation from the command line: its flags, and a draft model ready to guess.
#pragma once

#include <memory>
#include <string>

#include "cli/session.h"
#include "engine/engine.h"
#include "engine/writer.h"

namespace hasten {

struct SpeculationFlags {
  std::string mode = "ngram", draft;
  size_t tokens = 16;

  void Declare(CLI::App& app);
  bool on() const { return tokens > 0 && (mode != "off" || !draft.empty()); }
  size_t rows() const { return on() ? 1 + tokens : 1; }  // with logits, of one pass of one sequence
};

// A second, smaller model on the same threads, with an engine for one sequence.
class DraftModel {
 public:
  // Null for an empty path; kBadInput where its vocabulary is not that of `tokenizer`.
  static Result<std::unique_ptr<DraftModel>> Load(const std::string& path, const Common& common, Team& team,
                                                  const Tokenizer& tokenizer);
  Engine& engine() { return *engine_; }

 private:
  explicit DraftModel(Gguf file) : file_(std::move(file)) {}

  Gguf file_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<Engine> engine_;
};

// Gives `writer` the drafters that the flags ask for; `draft` may be null. `choose` is how the draft model chooses: as the
// writer does, with a sampler of its own.
Status UseDrafters(const SpeculationFlags& flags, DraftModel* draft, Writer::Choose choose, Writer& writer);

}  // namespace hasten
