#include "solve/lang/tokens.h"

namespace hasten::solve {

namespace {

bool Digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool Upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool Lower(unsigned char c) { return (c >= 'a' && c <= 'z') || c >= 0x80; }
bool Letter(unsigned char c) { return Upper(c) || Lower(c); }
bool Word(unsigned char c) { return Letter(c) || Digit(c); }
bool Space(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool NonSpace(unsigned char c) { return !Space(c); }
bool Mark(unsigned char c) { return !Word(c) && !Space(c); }

size_t Number(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && Digit(text[end])) ++end;
  if (end == at) return 0;
  while (end + 3 < text.size() && text[end] == ',' && Digit(text[end + 1]) && Digit(text[end + 2]) && Digit(text[end + 3]) &&
         (end + 4 == text.size() || !Digit(text[end + 4]))) {
    end += 4;
  }
  if (end + 1 < text.size() && text[end] == '.' && Digit(text[end + 1])) {
    for (++end; end < text.size() && Digit(text[end]);) ++end;
  }
  return end - at;
}

size_t Capitalised(std::string_view text, size_t at) {
  if (!Upper(text[at])) return 0;
  size_t end = at + 1;
  while (end < text.size() && Lower(text[end])) ++end;
  return end - at > 1 ? end - at : 0;
}

// A word inside of customerName2: capitals, or one before small letters; small letters; digits.
size_t Hump(std::string_view text, size_t at) {
  const auto run = [&](bool (*holds)(unsigned char), size_t from) {
    while (from < text.size() && holds(static_cast<unsigned char>(text[from]))) ++from;
    return from;
  };
  if (const size_t end = run(Digit, at); end > at) return end - at;
  if (const size_t end = run(Lower, at); end > at) return end - at;
  const size_t capitals = run(Upper, at), end = run(Lower, capitals);
  if (capitals == at || end == capitals) return capitals - at;
  return capitals - at > 1 ? capitals - 1 - at : end - at;
}

}  // namespace

std::span<const TokenKind> TokenKinds() {
  static constexpr TokenKind kKinds[] = {
      {"digits", "[0-9]+", Digit, nullptr},
      {"number", "[0-9]+(,[0-9]{3})*(\\.[0-9]+)?", nullptr, Number},
      {"letters", "[A-Za-z\\u0080-\\uffff]+", Letter, nullptr},
      {"upper", "[A-Z]+", Upper, nullptr},
      {"lower", "[a-z\\u0080-\\uffff]+", Lower, nullptr},
      {"capitalised", "[A-Z][a-z\\u0080-\\uffff]+", nullptr, Capitalised},
      {"word", "[0-9A-Za-z\\u0080-\\uffff]+", Word, nullptr},
      {"space", "[ \\t\\n\\v\\f\\r]+", Space, nullptr},
      {"nonspace", "[^ \\t\\n\\v\\f\\r]+", NonSpace, nullptr},
      {"marks", "[^0-9A-Za-z\\u0080-\\uffff \\t\\n\\v\\f\\r]+", Mark, nullptr},
      {"hump", "[A-Z]?[a-z\\u0080-\\uffff]+|[A-Z]+(?![a-z\\u0080-\\uffff])|[0-9]+", nullptr, Hump},
  };
  return kKinds;
}

const TokenKind* FindTokenKind(std::string_view name) {
  for (const TokenKind& kind : TokenKinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

std::vector<TokenSpan> FindTokens(std::string_view text, const TokenKind& kind) {
  std::vector<TokenSpan> spans;
  for (size_t at = 0; at < text.size();) {
    size_t size = 0;
    if (kind.match) {
      size = kind.match(text, at);
    } else {
      while (at + size < text.size() && kind.holds(static_cast<unsigned char>(text[at + size]))) ++size;
    }
    if (size) spans.push_back({at, at + size});
    at += size ? size : 1;
  }
  return spans;
}

std::vector<TokenSpan> FindAll(std::string_view text, std::string_view what) {
  std::vector<TokenSpan> spans;
  if (what.empty()) return spans;
  for (size_t at = 0; (at = text.find(what, at)) != std::string_view::npos; at += what.size())
    spans.push_back({at, at + what.size()});
  return spans;
}

std::optional<size_t> KthOf(size_t count, long k) {
  if (k > 0 && size_t(k) <= count) return size_t(k) - 1;
  if (k < 0 && size_t(-k) <= count) return count - size_t(-k);
  return std::nullopt;
}

std::string ShapeOf(std::string_view text) {
  std::string shape;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const char kind = Digit(u) ? '9' : Upper(u) ? 'A' : Lower(u) ? 'a' : Space(u) ? ' ' : c;
    if (shape.empty() || shape.back() != kind) shape += kind;
  }
  return shape;
}

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty() && Space(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && Space(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

}  // namespace hasten::solve
