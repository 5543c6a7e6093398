// Prompts for filling in the middle of a text, for /infill and for "suffix" of completions.
#pragma once

#include <string>
#include <vector>

#include "serve/call.h"
#include "tokenizer/fill_in.h"

namespace hasten {

struct FillRequest {
  struct File {
    std::string name, text;
  };
  std::vector<File> others;  // files that help to understand this one
  std::string prefix, suffix;
  std::string begun;  // of the middle
};

// The tokens of the model that answers `call`; nothing where it was not taught to fill in.
std::optional<FillTokens> FillTokensOf(const Call& call, const Tokenizer& tokenizer);
inline constexpr char kNoFillTokens[] =
    "cannot be used: the model has no tokens for filling in the middle; a model for code, such as Qwen2.5-Coder, has them";

std::vector<Token> FillPrompt(const FillRequest& request, const FillTokens& tokens, const Tokenizer& tokenizer);

}  // namespace hasten
