#include "serve/token_text.h"

#include <cmath>

#include "tokenizer/utf8.h"

namespace hasten {

std::string TokenBytes(const Tokenizer& tokenizer, Token token) {
  const std::string_view piece = tokenizer.Piece(token);
  return std::string(piece.empty() ? tokenizer.Text(token) : piece);
}

std::string TokenText(const Tokenizer& tokenizer, Token token) {
  const std::string bytes = TokenBytes(tokenizer, token);
  if (IsUtf8(bytes)) return bytes;
  std::string text = "bytes:";
  for (const char c : bytes) text += Fmt("\\x%02x", unsigned(uint8_t(c)));
  return text;
}

double FiniteLogprob(float logprob) { return std::isfinite(logprob) ? double(logprob) : -9999.0; }

Json TokenEntry(const Tokenizer& tokenizer, const TokenLogprob& token) {
  const std::string bytes = TokenBytes(tokenizer, token.token);
  Json list = Json::array();
  for (const char c : bytes) list.push_back(unsigned(uint8_t(c)));
  return {{"token", ReplaceInvalidUtf8(bytes)}, {"logprob", FiniteLogprob(token.logprob)}, {"bytes", std::move(list)}};
}

}  // namespace hasten
