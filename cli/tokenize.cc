// `hasten tokenize`: text to token ids, and back.
#include <charconv>
#include <cstdio>
#include <memory>

#include "base/quote.h"
#include "cli/verb.h"
#include "tokenizer/tokenizer.h"

namespace hasten {
namespace {

constexpr char kDetails[] =
    R"(Reads standard input byte for byte and prints its token ids on one line, without the tokens that a model
puts around a text. Invalid UTF-8 reads as U+FFFD.

Examples:
  printf 'Once upon a time' | hasten tokenize model.gguf
  printf 'one\0two\0' | hasten tokenize model.gguf --nul   # a line for each text
  echo 9038 2501 263 931 | hasten tokenize model.gguf --decode
  hasten tokenize model.gguf --special < rendered-chat.txt      # <|im_start|> and the like are tokens
)";

struct Options {
  std::string model;
  bool bos = false, special = false, nul = false, decode = false;
};

void PrintIds(const std::vector<Token>& ids) {
  std::string line;
  for (const Token t : ids) line.append(line.empty() ? "" : " ").append(std::to_string(t));
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stdout);
}

void PrintTexts(const Tokenizer& tokenizer, std::string_view input, const Options& o) {
  const EncodeOptions options{.add_special = false, .parse_special = o.special};
  const auto print = [&](std::string_view text) {
    std::vector<Token> ids = tokenizer.Encode(text, options);
    if (o.bos && tokenizer.bos() >= 0) ids.insert(ids.begin(), tokenizer.bos());
    PrintIds(ids);
  };
  if (!o.nul) return print(input);
  while (!input.empty()) {
    const size_t end = input.find('\0');
    print(input.substr(0, end));
    input.remove_prefix(end == input.npos ? input.size() : end + 1);
  }
}

Result<std::vector<Token>> ParseIds(std::string_view input, const Tokenizer& tokenizer) {
  constexpr std::string_view kSeparators = " ,\t\r\n";
  std::vector<Token> ids;
  for (;;) {
    input.remove_prefix(std::min(input.find_first_not_of(kSeparators), input.size()));
    if (input.empty()) return ids;
    const std::string_view word = input.substr(0, input.find_first_of(kSeparators));
    Token id = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (error != std::errc() || end != word.data() + word.size() || !tokenizer.Has(id))
      return Error{Code::kBadInput,
                   Fmt("'%s' is not a token id: the model has ids 0 to %zu, separated by spaces, commas or newlines",
                       Printable(word).c_str(), tokenizer.size() - 1)};
    ids.push_back(id);
    input.remove_prefix(word.size());
  }
}

Result<Exit> Tokenize(const Options& o) {
  TRY(const Gguf file, Gguf::Open(o.model));
  TRY(const Tokenizer tokenizer, Tokenizer::Load(file));
  TRY(const std::string input, ReadFile("-"));
  if (o.decode) {
    TRY(const auto ids, ParseIds(input, tokenizer));
    const std::string text = tokenizer.Decode(ids, o.special);
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else {
    PrintTexts(tokenizer, input, o);
  }
  return Exit::kOk;
}

}  // namespace

extern const Verb kTokenizeVerb = {
    "tokenize", "text to token ids, and back", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("MODEL", o->model, "the model file (GGUF)")->required();
      app.add_flag("--bos", o->bos, "put the beginning-of-sequence token first, if there is one");
      app.add_flag("--special", o->special, "read special tokens in the text; show them with --decode");
      auto* nul = app.add_flag("--nul", o->nul, "many texts, each ended by a NUL byte; a line for each");
      app.add_flag("--decode", o->decode, "turn ids into text")->excludes(nul);
      return [o](const Common&) { return Tokenize(*o); };
    }};

}  // namespace hasten
