// Texts cut into lines and words, as Python's str and textwrap cut them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::jinja {

std::vector<std::string_view> Lines(std::string_view text, bool keep_ends);  // str.splitlines
std::vector<std::string_view> Words(std::string_view text);                  // str.split() without arguments

struct WrapOptions {
  size_t width;  // characters
  bool break_long_words = true, break_on_hyphens = true;
};
// textwrap.wrap() with tabs and blanks left as they are.
std::vector<std::string> Wrapped(std::string_view line, const WrapOptions& options);

}  // namespace hasten::jinja
