// Kinds of characters and the runs of them that texts are made of: what "the
// second number" means.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hasten::solve {

// A run of characters of one kind, or (with a pattern) something that a kind of
// character is too coarse for. Bytes of characters beyond ASCII count as
// letters.
struct TokenKind {
  std::string_view name;
  std::string_view regex;  // the same for emitted programs: understood by
                           // Python, JavaScript and POSIX ERE alike
  bool (*holds)(unsigned char c);
  size_t (*match)(std::string_view text,
                  size_t at);  // instead of `holds`: the length of the token
                               // that begins at `at`, or 0
};
std::span<const TokenKind> TokenKinds();
const TokenKind* FindTokenKind(std::string_view name);

struct TokenSpan {
  size_t begin, end;
};
std::vector<TokenSpan> FindTokens(std::string_view text, const TokenKind& kind);
std::vector<TokenSpan> FindAll(std::string_view text, std::string_view what);

// The k-th of `count`, from 1, or from -1 at the end; nothing where there is no
// such.
std::optional<size_t> KthOf(size_t count, long k);

// The kinds of the runs a text is made of: "A" upper, "a" lower, "9" digits, "
// " space, other characters themselves.
std::string ShapeOf(std::string_view text);

std::string_view TrimSpace(std::string_view text);

}  // namespace hasten::solve
