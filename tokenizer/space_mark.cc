#include "tokenizer/space_mark.h"

#include <algorithm>

namespace hasten {

void MarkSpaces(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == ' ')
      out += kSpaceMark;
    else
      out.push_back(c);
  }
}

std::string UnmarkSpaces(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t mark = std::min(text.find(kSpaceMark, at), text.size());
    out += text.substr(at, mark - at);
    if (mark < text.size()) out += ' ';
    at = mark + kSpaceMark.size();
  }
  return out;
}

size_t SpaceCuts::FirstWord(std::string_view text) const {
  const auto is_space = [&text](size_t i) {
    return text[i] == ' ' || (text[i] == kSpaceMark[0] && text.substr(i, kSpaceMark.size()) == kSpaceMark);
  };
  size_t i = 0;
  while (i < text.size() && is_space(i)) i += text[i] == ' ' ? 1 : kSpaceMark.size();
  for (;;) {
    while (i < text.size() && !is_space(i)) ++i;
    if (i == text.size()) return i;
    if (!joined_.contains(DecodeUtf8(PreviousUtf8(text.data() + i)).code)) return i;
    while (i < text.size() && is_space(i)) i += text[i] == ' ' ? 1 : kSpaceMark.size();
  }
}

}  // namespace hasten
