// Tokenizers: an input that is a GGUF file is loaded and made to encode its own tokens; any other is a text for vocabularies
// that are known to be good.
#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <cstring>

#include "tests/fuzz/fuzz_target.h"
#include "tests/support/tiny_vocab.h"
#include "tokenizer/utf8.h"

namespace hasten {
namespace {

void CheckStreaming(const Tokenizer& tokenizer, const std::vector<Token>& ids) {
  const std::string whole = tokenizer.Decode(ids);
  FUZZ_CHECK(IsUtf8(whole));
  StreamDecoder decoder(tokenizer, false, StreamDecoder::Start::kWholeText);
  std::string text;
  for (const Token t : ids) {
    const std::string more = decoder.Push(t);
    FUZZ_CHECK(IsUtf8(more));
    text += more;
  }
  FUZZ_CHECK(text + decoder.Finish() == whole);
}

std::vector<Token> Encode(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<Token> ids;
  for (const bool special : {true, false}) {
    ids = tokenizer.Encode(text, {.add_special = special, .parse_special = special});
    FUZZ_CHECK(std::all_of(ids.begin(), ids.end(), [&](Token t) { return tokenizer.Has(t); }));
    CheckStreaming(tokenizer, ids);
  }
  return ids;
}

void UseVocabulary(const Tokenizer& tokenizer) {
  std::string text;
  for (Token t = 0; tokenizer.Has(t) && text.size() < 4096; ++t) {
    text += tokenizer.Text(t);
    text += tokenizer.Piece(t);
    text += t % 3 ? "" : " ";
  }
  Encode(tokenizer, text);
  Encode(tokenizer, "Hello, world's 123456  \n\n\xe2\x96\x81 \xf0\x9f\x98\x80\xff");
}

Tokenizer Load(const std::string& bytes) {
  const auto file = Gguf::Parse(std::as_bytes(std::span(bytes)), "seed");
  FUZZ_CHECK(file);
  auto tokenizer = Tokenizer::Load(*file);
  FUZZ_CHECK(tokenizer);
  return *std::move(tokenizer);
}

// Those that work on bytes give back the text that they were given.
void UseText(std::string_view text) {
  static const std::vector<Tokenizer> kGood = [] {
    std::vector<Tokenizer> good;
    good.push_back(Load(TinySpm().Bytes()));
    good.push_back(Load(TinyGemma().Bytes()));
    for (const char* pre :
         {"gpt-2", "llama-bpe", "qwen35", "gpt-4o", "deepseek-llm", "deepseek-coder", "deepseek-v3", "default"})
      good.push_back(Load(TinyBpe(pre).Bytes()));
    return good;
  }();
  for (const Tokenizer& tokenizer : kGood) {
    const std::vector<Token> ids = Encode(tokenizer, text);
    const std::string back = tokenizer.Decode(ids);
    if (tokenizer.kind().starts_with("bpe") && tokenizer.kind() != "bpe gemma4") FUZZ_CHECK(back == ReplaceInvalidUtf8(text));
  }
}

}  // namespace

void FuzzOne(std::span<const std::byte> input) {
  if (const auto file = Gguf::Parse(input, "input")) {
    if (const auto tokenizer = Tokenizer::Load(*file)) UseVocabulary(*tokenizer);
    return;
  }
  if (input.size() >= 4 && std::memcmp(input.data(), "GGUF", 4) == 0) return;  // a damaged file is no interesting text
  UseText({reinterpret_cast<const char*>(input.data()), input.size()});
}

std::vector<std::string> FuzzSeeds() {
  return {TinySpm().Bytes(), TinyGemma().Bytes(), TinyBpe("qwen35").Bytes(), TinyBpe("deepseek-llm").Bytes(),
          "Hello, world's 12 \xe2\x96\x81"};
}

}  // namespace hasten
