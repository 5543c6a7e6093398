// JSON of others: nesting is limited before parsing, the order of members kept.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"

namespace hasten {

// kCorrupt says what is wrong and where. Deeper than `depth` nested arrays and objects is refused before anything is built.
Result<nlohmann::ordered_json> ParseJson(std::string_view text, size_t depth = 256);

}  // namespace hasten
