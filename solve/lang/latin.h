// Latin letters with accents, as tables.
#pragma once

#include <string_view>

namespace hasten::solve {

// The letter below an accent, for U+00C0 to U+017F; '?' where there is none (ß, ø, ł and the like are letters of their own).
// Source: the canonical decompositions of UnicodeData.txt.
inline constexpr std::string_view kLatinBases =
    "AAAAAA?CEEEEIIII?NOOOOO??UUUUY??aaaaaa?ceeeeiiii?nooooo??uuuuy?y"
    "AaAaAaCcCcCcCcDd??EeEeEeEeEeGgGgGgGgHh??IiIiIiIiI???JjKk?LlLlLl????NnNnNn???OoOoOo??RrRrRrSsSsSsSsTtTt??"
    "UuUuUuUuUuUuWwYyYZzZzZz?";

}  // namespace hasten::solve
