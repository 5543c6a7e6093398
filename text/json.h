// JSON of others: nesting is limited before parsing, the order of members kept.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hasten {

// kCorrupt says what is wrong and where, deeper than `depth` nested arrays and objects too. Linear in the length of the text.
// Of members with the same name the last counts.
Result<nlohmann::ordered_json> ParseJson(std::string_view text, size_t depth = 256);

// The text with escapes of half a surrogate pair (\uD800 without its other half), which are no characters, as \ufffd.
std::string MendSurrogates(std::string_view text);

}  // namespace hasten
