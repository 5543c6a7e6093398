#include "tokenizer/pieces.h"

#include "tokenizer/byte_chars.h"
#include "tokenizer/space_mark.h"

namespace hasten {

static std::string BytesOf(const Vocab& vocab, Token t, Spelling spelling) {
  const std::string_view text = vocab.Text(t);
  if (vocab.Is(t, kControlToken | kUnknownToken)) return {};
  if (vocab.Is(t, kUserDefinedToken)) return std::string(text);
  if (vocab.Is(t, kByteToken)) {
    const int byte = ByteOfName(text);
    return byte < 0 ? std::string(text) : std::string(1, char(byte));
  }
  if (!vocab.Is(t, kNormalToken)) return {};
  if (spelling == Spelling::kSpaceMarks) return UnmarkSpaces(text);
  std::string bytes;
  return BytesOfChars(text, bytes) ? bytes : std::string(text);
}

Pieces::Pieces(const Vocab& vocab, Spelling spelling) {
  size_t total = 0;
  for (size_t i = 0; i < vocab.size(); ++i) total += vocab.Text(Token(i)).size();
  bytes_.reserve(total);  // a piece is never longer than its text
  pieces_.reserve(vocab.size());
  for (size_t i = 0; i < vocab.size(); ++i) {
    const std::string piece = BytesOf(vocab, Token(i), spelling);
    const char* const begin = bytes_.data() + bytes_.size();
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    pieces_.emplace_back(begin, piece.size());
  }
}

}  // namespace hasten
