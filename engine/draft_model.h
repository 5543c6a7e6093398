// A second, smaller model that guesses for a larger one (docs/speculation.md): its weights and an engine of its own.
#pragma once

#include <memory>
#include <string>

#include "engine/engine.h"
#include "formats/gguf.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

class DraftModel {
 public:
  // Null for an empty path; kBadInput where its vocabulary is not that of `tokenizer`. Weights are packed by `loading`, steps
  // run on `team`, which is borrowed. Of `options` context, memory, sequences, lanes and whether prefixes are kept are used.
  static Result<std::unique_ptr<DraftModel>> Load(const std::string& path, Team& loading, Team& team,
                                                  const Tokenizer& tokenizer, const PackCacheOptions& pack_cache,
                                                  const EngineOptions& options);
  Engine& engine() { return *engine_; }
  size_t bytes() const;  // weights, keys and values

 private:
  explicit DraftModel(Gguf file) : file_(std::move(file)) {}

  Gguf file_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace hasten
