// JSON values that are equal though they are written in other ways.
#pragma once

#include <string_view>

#include "text/grammar/regex.h"

namespace hasten {

// Of a string, which `written` holds with its quotes: its content. Of a number: all the ways to write it. Else `written`
// itself.
grammar::ReId EqualScalar(grammar::RegexPool& pool, std::string_view written);

}  // namespace hasten
