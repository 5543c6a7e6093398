// The tokens with which a model was taught to fill in the middle of a text.
#pragma once

#include <optional>

#include "base/result.h"
#include "formats/gguf.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

struct FillTokens {
  Token prefix = -1, suffix = -1;
  Token middle = -1;                 // -1: none, the middle follows the prefix at once
  bool suffix_first = false;         // <suffix>…<prefix>… rather than the other way round
  Token repository = -1, file = -1;  // begin the name of a repository and of a file in it; -1: none
};

// From the metadata (tokenizer.ggml.fim_pre_token_id and its siblings, or the older prefix_token_id) or by the names that
// Qwen, DeepSeek, StarCoder, Granite, CodeLlama, GLM and Codestral give them. Nothing where the model has none.
std::optional<FillTokens> FindFillTokens(const Gguf& file, const Tokenizer& tokenizer);

}  // namespace hasten
