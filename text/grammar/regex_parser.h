// Regular expressions as people write them: the part of ECMA-262 that names a regular language (u flag, no i, m, s).
//
// Lookaround, backreferences, word boundaries and Unicode properties are refused by name. A pattern finds its match anywhere
// in the text unless ^ and $ say otherwise, as JSON Schema's `pattern` does; MatchWhole instead asks for the whole text.
#pragma once

#include <string_view>

#include "base/result.h"
#include "text/grammar/regex.h"

namespace hasten::grammar {

enum class RegexMatch : uint8_t { kAnywhere, kWhole };

inline constexpr size_t kLongestPattern = 16 << 10;
inline constexpr uint32_t kMostRepeats = 1 << 20;

// kBadInput where the pattern is wrong, kUnsupported where it is right and not regular; both name the byte.
Result<ReId> ParseRegex(RegexPool& pool, std::string_view pattern, RegexMatch match);

}  // namespace hasten::grammar
