// Which families there are, by the name that general.architecture gives them.
#include <algorithm>
#include <new>
#include <string_view>

#include "base/quote.h"
#include "models/transformer.h"

namespace hasten {
namespace {

struct Family {
  std::string_view name;
  LoadFamily* load;
  bool bidirectional = false;  // where the file does not say attention.causal
};

constexpr Family kFamilies[] = {
    {"llama", LoadLlama},       {"qwen2", LoadQwen2},      {"qwen3", LoadQwen3},       {"qwen3moe", LoadQwen3},
    {"qwen35", LoadQwen35},     {"qwen35moe", LoadQwen35}, {"gemma2", LoadGemma2},     {"gemma3", LoadGemma3},
    {"phi3", LoadPhi3},         {"smollm3", LoadSmolLm3},  {"granite", LoadGranite},   {"lfm2", LoadLfm2},
    {"lfm2moe", LoadLfm2},      {"gpt-oss", LoadGptOss},   {"llada", LoadLlama, true}, {"llada-moe", LoadQwen3, true},
    {"dream", LoadQwen2, true},
};

Error UnknownFamily(std::string_view name) {
  std::string known;
  for (const Family& family : kFamilies) known += (known.empty() ? "" : ", ") + std::string(family.name);
  return {Code::kUnsupported,
          Fmt("the model's architecture is '%s'; supported are %s", Printable(name).c_str(), known.c_str())};
}

Result<std::unique_ptr<Model>> LoadKnown(const Gguf& file, const Family& family, Team& team, const LoadOptions& options) {
  TRY(Config config, ReadConfig(file, std::string(family.name)));
  const Keys keys(file, config.family);
  if (family.bidirectional && !keys.Has("attention.causal")) config.bidirectional = true;
  WeightTotals totals;
  PackCache cache(file, team, options.pack_cache);
  const WeightReader weights(file, team, options, cache, totals);
  TRY(auto model, family.load({file, keys, config, weights, totals, options, cache.from(), cache.memory()}));
  cache.Finish();
  return model;
}

}  // namespace

Status CheckFamily(std::string_view architecture) {
  if (std::ranges::find(kFamilies, architecture, &Family::name) == std::end(kFamilies)) return UnknownFamily(architecture);
  return {};
}

Result<std::unique_ptr<Model>> LoadModel(const Gguf& file, Team& team, const LoadOptions& options) {
  TRY(const std::string_view name, file.GetString("general.architecture"));
  const auto* family = std::ranges::find(kFamilies, name, &Family::name);
  if (family == std::end(kFamilies)) return UnknownFamily(name);
  try {
    return LoadKnown(file, *family, team, options);
  } catch (const std::bad_alloc&) {
    return Error{Code::kExhausted, Fmt("not enough memory for the weights of '%s'", file.path().c_str())};
  }
}

}  // namespace hasten
