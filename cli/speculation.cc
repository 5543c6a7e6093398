#include "cli/speculation.h"

#include "engine/model_drafter.h"
#include "engine/ngram_drafter.h"

namespace hasten {

void SpeculationFlags::Declare(CLI::App& app) {
  app.add_option("--speculate", mode, "guess what follows: ngram, copies from the text so far; off. The text stays the same")
      ->check(CLI::IsMember({"off", "ngram"}))
      ->capture_default_str();
  app.add_option("--draft", draft, "guess with this smaller model of the same vocabulary, too")->type_name("FILE");
  app.add_option("--draft-tokens", tokens, "tokens to guess at the most; fewer where guesses fail")
      ->check(CLI::Range(size_t(0), size_t(256)))
      ->capture_default_str();
}

Result<std::unique_ptr<DraftModel>> LoadDraft(const SpeculationFlags& flags, const Common& common, Team& team,
                                              const Tokenizer& tokenizer) {
  return DraftModel::Load(flags.draft, team, team, tokenizer, PackCacheFor(common),
                          {.context = common.context,
                           .memory_bytes = common.memory_bytes,
                           .choose_lanes = common.choose_threads,
                           .prefix_cache = false});
}

Status UseDrafters(const SpeculationFlags& flags, DraftModel* draft, Writer::Choose choose, Writer& writer) {
  if (flags.mode == "ngram") writer.Use(std::make_unique<NgramDrafter>());
  if (draft == nullptr) return {};
  TRY(auto drafter, ModelDrafter::Create(draft->engine(), std::move(choose), writer.text()));
  writer.Use(std::move(drafter));
  return {};
}

}  // namespace hasten
