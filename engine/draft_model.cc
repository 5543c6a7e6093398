#include "engine/draft_model.h"

#include <algorithm>

namespace hasten {

// A draft in another vocabulary would always fail: ids have to mean the same. Files pad vocabularies to different sizes, and a
// few added tokens may differ.
static Status CheckVocabulary(const Tokenizer& draft, const Tokenizer& target, const std::string& path) {
  const size_t common = std::min(draft.size(), target.size());
  size_t differ = 0;
  for (size_t t = 0; t < common; ++t) differ += draft.Text(Token(t)) != target.Text(Token(t));
  if (common > 0 && differ * 50 <= common) return {};
  return Error{Code::kBadInput, Fmt("the draft model '%s' has another vocabulary: of the first %zu tokens %zu differ; a draft "
                                    "model has to be of the same family as the model",
                                    path.c_str(), common, differ)};
}

Result<std::unique_ptr<DraftModel>> DraftModel::Load(const std::string& path, Team& loading, Team& team,
                                                     const Tokenizer& tokenizer, const PackCacheOptions& pack_cache,
                                                     const EngineOptions& options) {
  if (path.empty()) return std::unique_ptr<DraftModel>();
  TRY(Gguf file, Gguf::Open(path));
  TRY(const Tokenizer own, Tokenizer::Load(file));
  TRY_OK(CheckVocabulary(own, tokenizer, path));
  auto draft = std::unique_ptr<DraftModel>(new DraftModel(std::move(file)));
  LoadOptions load;
  load.context = options.context;
  load.pack_cache = pack_cache;
  TRY(draft->model_, LoadModel(draft->file_, loading, load));
  TRY(draft->engine_, Engine::Create(*draft->model_, team,
                                     {.context = options.context,
                                      .memory_bytes = options.memory_bytes,
                                      .max_sequences = options.max_sequences,
                                      .marks = true,
                                      .choose_lanes = options.choose_lanes,
                                      .prefix_cache = options.prefix_cache}));
  return draft;
}

size_t DraftModel::bytes() const {
  const MemoryPlan& plan = engine_->memory_plan();
  return model_->info().weight_bytes + plan.blocks * plan.block_bytes * model_->info().kv_layers;
}

}  // namespace hasten
