#include "solve/propose/code_tokens.h"

#include <algorithm>

namespace hasten::solve {

static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
static bool IsWord(char c) { return IsDigit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c < 0; }
static bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static size_t NumberEnd(std::string_view text, size_t at) {
  while (at < text.size() && (IsWord(text[at]) || text[at] == '.' ||
                              ((text[at] == '+' || text[at] == '-') && (text[at - 1] == 'e' || text[at - 1] == 'E'))))
    ++at;
  return at;
}

static size_t QuoteEnd(std::string_view text, size_t at) {
  const char quote = text[at];
  const std::string triple(3, quote);
  if (text.substr(at).starts_with(triple)) {
    const size_t end = text.find(triple, at + 3);
    return end == std::string_view::npos ? text.size() : end + 3;
  }
  for (size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return at + 1;  // never closed: an apostrophe
}

static size_t OperatorEnd(std::string_view text, size_t at) {
  static constexpr std::string_view kLong[] = {"**=", "//=", "<<=", ">>=", "===", "!==", "==", "!=", "<=", ">=",
                                               "+=",  "-=",  "*=",  "/=",  "%=",  "&=",  "|=", "^=", "**", "//",
                                               "<<",  ">>",  "&&",  "||",  "->",  "++",  "--", "::", "=>", ".."};
  for (const std::string_view op : kLong)
    if (text.substr(at).starts_with(op)) return at + op.size();
  return at + 1;
}

std::vector<CodeToken> CodeTokens(std::string_view text) {
  using Kind = CodeToken::Kind;
  std::vector<CodeToken> tokens;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    size_t end = at + 1;
    Kind kind = Kind::kOther;
    if (IsSpace(c)) {
      kind = Kind::kSpace;
      while (end < text.size() && IsSpace(text[end])) ++end;
    } else if (c == '#' || text.substr(at).starts_with("// ")) {  // without the space it is Python's division
      kind = Kind::kSpace;
      end = std::min(text.find('\n', at), text.size());
    } else if (IsDigit(c) || (c == '.' && end < text.size() && IsDigit(text[end]) && (at == 0 || !IsWord(text[at - 1])))) {
      kind = Kind::kNumber;
      end = NumberEnd(text, end);
    } else if (IsWord(c)) {
      kind = Kind::kName;
      while (end < text.size() && IsWord(text[end])) ++end;
    } else if (c == '"' || c == '\'') {
      kind = Kind::kText;
      end = QuoteEnd(text, at);
    } else if (std::string_view("+-*/%<>=!&|^~").find(c) != std::string_view::npos) {
      kind = Kind::kOperator;
      end = OperatorEnd(text, at);
    }
    tokens.push_back({kind, std::string(text.substr(at, end - at))});
    at = end;
  }
  return tokens;
}

std::string JoinTokens(const std::vector<CodeToken>& tokens) {
  std::string text;
  for (const CodeToken& token : tokens) text += token.text;
  return text;
}

std::vector<std::string> CodeLines(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return lines;
}

}  // namespace hasten::solve
