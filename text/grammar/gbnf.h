// Grammars in llama.cpp's GBNF. Source of the format: llama.cpp, grammars/README.md and src/llama-grammar.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "text/grammar/grammar.h"

namespace hasten::grammar {

// The id of a token by its text, for <text>; none where the vocabulary has no such token.
using FindToken = std::function<std::optional<int32_t>(std::string_view)>;

inline constexpr size_t kLongestGrammar = 1 << 20;

// Appends the grammar's symbols; the result stands for a text of its rule `root`. kBadInput names the line.
Result<ReId> ParseGbnf(Grammar& grammar, std::string_view text, const FindToken& find_token);

}  // namespace hasten::grammar
