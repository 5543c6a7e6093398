// ▁ (U+2581), which SentencePiece-style vocabularies write for a space.
#pragma once

#include <string>
#include <string_view>

namespace hasten {

inline constexpr std::string_view kSpaceMark = "\xe2\x96\x81";

// Appends `text` with ▁ for spaces.
void MarkSpaces(std::string_view text, std::string& out);
// `text` with spaces for ▁.
std::string UnmarkSpaces(std::string_view text);

}  // namespace hasten
