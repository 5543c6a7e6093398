#include "cli/speculation.h"

#include <algorithm>

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

Result<std::unique_ptr<DraftModel>> DraftModel::Load(const std::string& path, const Common& common, Team& team,
                                                     const Tokenizer& tokenizer) {
  if (path.empty()) return std::unique_ptr<DraftModel>();
  TRY(Gguf file, Gguf::Open(path));
  TRY(const Tokenizer own, Tokenizer::Load(file));
  TRY_OK(CheckVocabulary(own, tokenizer, path));
  auto draft = std::unique_ptr<DraftModel>(new DraftModel(std::move(file)));
  LoadOptions options;
  options.context = common.context;
  options.pack_cache = PackCacheFor(common);
  TRY(draft->model_, LoadModel(draft->file_, team, options));
  TRY(draft->engine_, Engine::Create(*draft->model_, team,
                                     {.context = common.context,
                                      .memory_bytes = common.memory_bytes,
                                      .marks = true,
                                      .choose_lanes = common.choose_threads,
                                      .prefix_cache = false}));
  return draft;
}

Status UseDrafters(const SpeculationFlags& flags, DraftModel* draft, Writer::Choose choose, Writer& writer) {
  if (flags.mode == "ngram") writer.Use(std::make_unique<NgramDrafter>());
  if (draft == nullptr) return {};
  TRY(auto drafter, ModelDrafter::Create(draft->engine(), std::move(choose), writer.text()));
  writer.Use(std::move(drafter));
  return {};
}

}  // namespace hasten
