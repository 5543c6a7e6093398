#include "convert/synth_vocab.h"

#include <algorithm>

#include "base/result.h"

namespace hasten {
namespace {

constexpr int32_t kNormal = 1, kControl = 3, kUnused = 5;
// GPT-2's name for a space; only ever the first letter of a token.
constexpr const char* kSpace = "\u0120";

std::string Utf8(uint32_t code) {  // below U+0800
  if (code < 0x80) return std::string(1, char(code));
  return {char(0xc0 | code >> 6), char(0x80 | (code & 0x3f))};
}

// GPT-2's alphabet: printable bytes of Latin-1 are themselves, the others U+0100 and up in order.
std::vector<std::string> ByteTokens() {
  std::vector<std::string> tokens;
  uint32_t next = 0x100;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte != 0xad);
    tokens.push_back(Utf8(printable ? byte : next++));
  }
  return tokens;
}

// All pairs (i, j) below n, those of small sums first, until `use` returns false.
template <class Use>
void ForPairs(size_t n, Use use) {
  for (size_t sum = 0; sum + 1 < 2 * n; ++sum)
    for (size_t i = sum < n ? 0 : sum - n + 1; i <= std::min(sum, n - 1); ++i)
      if (!use(i, sum - i)) return;
}

}  // namespace

SynthVocab MakeSynthVocab(size_t size) {
  SynthVocab v;
  v.tokens = ByteTokens();
  v.tokens.push_back("<|endoftext|>");
  v.types.assign(256, kNormal);
  v.types.push_back(kControl);
  const auto merge = [&](const std::vector<std::string>& parts, std::vector<std::string>* made) {
    ForPairs(parts.size(), [&](size_t i, size_t j) {
      if (v.tokens.size() >= size) return false;
      if (parts[j].starts_with(kSpace)) return true;
      v.merges.push_back(parts[i] + " " + parts[j]);
      v.tokens.push_back(parts[i] + parts[j]);
      v.types.push_back(kNormal);
      if (made) made->push_back(v.tokens.back());
      return true;
    });
  };
  std::vector<std::string> letters = {kSpace}, pairs;
  for (const char c : std::string("etaoinshrdlcumwfgypbvkjxqz")) letters.emplace_back(1, c);
  merge(letters, &pairs);
  merge(pairs, nullptr);  // four letters each, in one way only, so no token is made twice
  while (v.tokens.size() < size) {
    v.tokens.push_back(Fmt("<|unused_%zu|>", v.tokens.size()));
    v.types.push_back(kUnused);
  }
  return v;
}

}  // namespace hasten
