#include "text/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hasten {

// Brackets outside of strings; what is no JSON is left for the parser to name.
static size_t DepthOf(std::string_view text) {
  size_t depth = 0, deepest = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

Result<nlohmann::ordered_json> ParseJson(std::string_view text, size_t depth) {
  if (DepthOf(text) > depth) return Error{Code::kCorrupt, Fmt("JSON nested deeper than %zu", depth)};
  try {
    return nlohmann::ordered_json::parse(text);
  } catch (const nlohmann::json::exception& e) {
    const std::string what = e.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    return Error{Code::kCorrupt, "not JSON: " + what.substr(std::min(what.size(), what.find("] ") + 2))};
  }
}

}  // namespace hasten
