// Strangers' bytes made fit for one line of a message or a table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hasten {

// `text` without what could break a line or a terminal: control characters and invalid UTF-8 become \xNN, and what is
// beyond `limit` bytes is replaced by "…". Never cuts inside a UTF-8 character.
std::string Printable(std::string_view text, size_t limit = 80);

// The length of the valid UTF-8 character that `text` begins with (1 to 4), or 0 where there is none.
// Source: the Unicode Standard, table 3-7 (no surrogates, no overlong forms, nothing above U+10FFFF).
size_t Utf8Length(std::string_view text);

}  // namespace hasten
