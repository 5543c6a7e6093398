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

}  // namespace hasten
