#include "text/jinja/text_lines.h"

#include "text/jinja/unicode.h"

namespace hasten::jinja {

std::vector<std::string_view> Lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> lines;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = at;
    const uint32_t c = NextChar(text, at);
    if (!IsLineBreak(c)) continue;
    if (c == '\r' && at < text.size() && text[at] == '\n') ++at;
    lines.push_back(text.substr(begin, (keep_ends ? at : end) - begin));
    begin = at;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  size_t begin = text.npos;
  for (size_t at = 0; at < text.size();) {
    const size_t here = at;
    const bool space = IsSpace(NextChar(text, at));
    if (space && begin != text.npos) words.push_back(text.substr(begin, here - begin));
    if (space) begin = text.npos;
    if (!space && begin == text.npos) begin = here;
  }
  if (begin != text.npos) words.push_back(text.substr(begin));
  return words;
}

static bool Blank(std::string_view chunk) { return chunk.find_first_not_of("\t\n\v\f\r ") == chunk.npos; }

// Runs of blanks and of words; with `hyphens` a word ends behind a hyphen between letters.
static std::vector<std::string_view> Chunks(std::string_view line, bool hyphens) {
  std::vector<std::string_view> chunks;
  const auto letter = [&](size_t i) {
    return i < line.size() && !Blank(line.substr(i, 1)) && line[i] != '-' && !(line[i] >= '0' && line[i] <= '9');
  };
  size_t begin = 0;
  for (size_t at = 1; at <= line.size(); ++at) {
    const bool turn = at == line.size() || Blank(line.substr(at, 1)) != Blank(line.substr(at - 1, 1));
    const bool hyphen = hyphens && at < line.size() && line[at - 1] == '-' && at >= 2 && letter(at - 2) && letter(at);
    if (!turn && !hyphen) continue;
    if (at > begin) chunks.push_back(line.substr(begin, at - begin));
    begin = at;
  }
  return chunks;
}

std::vector<std::string> Wrapped(std::string_view line, const WrapOptions& options) {
  std::vector<std::string> out;
  const auto chunks = Chunks(line, options.break_on_hyphens);
  std::string current;
  size_t length = 0;
  const auto finish = [&] {
    const size_t end = current.find_last_not_of("\t\n\v\f\r ");
    current.resize(end == current.npos ? 0 : end + 1);
    if (!current.empty()) out.push_back(current);
    current.clear();
    length = 0;
  };
  for (std::string_view chunk : chunks) {
    if (Blank(chunk) && current.empty() && !out.empty()) continue;
    const size_t size = CountChars(chunk);
    if (length + size > options.width && length > 0 && (size <= options.width || Blank(chunk) || !options.break_long_words)) {
      finish();
      if (Blank(chunk)) continue;
    }
    for (size_t rest = size; rest > 0;) {
      const size_t room = options.break_long_words ? options.width - length : rest;
      const size_t bytes = ByteOfChar(chunk, std::min(rest, room));
      current += chunk.substr(0, bytes);
      length += std::min(rest, room);
      chunk.remove_prefix(bytes);
      rest -= std::min(rest, room);
      if (rest > 0) finish();
    }
  }
  finish();
  return out;
}

}  // namespace hasten::jinja
