// Source of keys and names: llama.cpp, src/llama-vocab.cpp; the models' own cards.
#include "tokenizer/fill_in.h"

#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>

namespace hasten {

// A token that stands under one of these keys.
static Token ByKey(const Gguf& file, const Tokenizer& tokenizer, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto id = file.GetUint(std::string("tokenizer.ggml.") + key, uint64_t(tokenizer.size()));
    if (id && *id < tokenizer.size()) return Token(*id);
  }
  return -1;
}

static Token ByName(const Tokenizer& tokenizer, std::string_view name) {
  if (name.empty()) return -1;
  const auto tokens = tokenizer.Encode(name, {.parse_special = true});
  return tokens.size() == 1 && tokenizer.Text(tokens[0]) == name ? tokens[0] : -1;
}

std::optional<FillTokens> FindFillTokens(const Gguf& file, const Tokenizer& tokenizer) {
  FillTokens found = {.prefix = ByKey(file, tokenizer, {"fim_pre_token_id", "prefix_token_id"}),
                      .suffix = ByKey(file, tokenizer, {"fim_suf_token_id", "suffix_token_id"}),
                      .middle = ByKey(file, tokenizer, {"fim_mid_token_id", "middle_token_id"})};
  struct Names {
    std::string_view prefix, suffix, middle;
    bool suffix_first = false;
  };
  static constexpr Names kNames[] = {
      {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"},     // Qwen 2.5 Coder
      {"<fim_prefix>", "<fim_suffix>", "<fim_middle>"},           // StarCoder, Granite
      {"<fim-prefix>", "<fim-suffix>", "<fim-middle>"},           // SantaCoder
      {"<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"},     // DeepSeek Coder
      {"▁<PRE>", "▁<SUF>", "▁<MID>"},                             // CodeLlama
      {"<PRE>", "<SUF>", "<MID>"},                                // …
      {"<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"},  // GLM
      {"[PREFIX]", "[SUFFIX]", {}, true},                         // Codestral
  };
  for (size_t i = 0; i < std::size(kNames) && (found.prefix < 0 || found.suffix < 0); ++i) {
    const Names& names = kNames[i];
    const FillTokens named = {.prefix = ByName(tokenizer, names.prefix),
                              .suffix = ByName(tokenizer, names.suffix),
                              .middle = ByName(tokenizer, names.middle),
                              .suffix_first = names.suffix_first};
    if (named.prefix >= 0 && named.suffix >= 0 && (named.middle >= 0 || names.middle.empty())) found = named;
  }
  if (found.prefix < 0 || found.suffix < 0) return std::nullopt;
  found.repository = ByKey(file, tokenizer, {"fim_rep_token_id"});
  found.file = ByKey(file, tokenizer, {"fim_sep_token_id"});
  for (const std::string_view name : {"<|repo_name|>", "<|fim_repo|>", "<repo_name>", "<reponame>", "<fim-repo>"})
    if (found.repository < 0) found.repository = ByName(tokenizer, name);
  for (const std::string_view name : {"<|file_sep|>", "<file_sep>"})
    if (found.file < 0) found.file = ByName(tokenizer, name);
  return found;
}

}  // namespace hasten
