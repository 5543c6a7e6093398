#include "tokenizer/marks.h"

namespace hasten {

std::vector<MarkPart> SplitMarks(const Tokenizer& tokenizer, std::string_view marks) {
  std::vector<MarkPart> parts;
  const auto add_text = [&](std::string_view text) {
    if (!text.empty()) parts.push_back({.text = std::string(text)});
  };
  for (const Token token : tokenizer.Encode(marks, {.parse_special = true})) {
    if (!tokenizer.IsControl(token)) continue;
    const std::string_view name = tokenizer.Text(token);
    const size_t at = marks.find(name);
    if (name.empty() || at == marks.npos) continue;
    add_text(marks.substr(0, at));
    parts.push_back({.token = token});
    marks.remove_prefix(at + name.size());
  }
  add_text(marks);
  return parts;
}

}  // namespace hasten
