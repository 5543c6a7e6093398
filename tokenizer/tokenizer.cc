#include "tokenizer/tokenizer.h"

#include "base/quote.h"
#include "tokenizer/bpe.h"
#include "tokenizer/pieces.h"
#include "tokenizer/scratch_pool.h"
#include "tokenizer/special_tokens.h"
#include "tokenizer/spm.h"
#include "tokenizer/utf8.h"

namespace hasten {

struct Tokenizer::Impl {
  explicit Impl(Vocab v, Spelling spelling)
      : vocab(std::move(v)),
        pieces(vocab, spelling),
        user_defined(vocab, SpecialTokens::Which::kUserDefined),
        all_special(vocab, SpecialTokens::Which::kAll) {}
  static Result<std::unique_ptr<Impl>> Spm(const Gguf& file, Vocab vocab);
  static Result<std::unique_ptr<Impl>> Bpe(const Gguf& file, Vocab vocab, const PreTokenizer& pre);

  Vocab vocab;
  Pieces pieces;
  SpecialTokens user_defined, all_special;
  std::unique_ptr<const TokenModel> model;
  bool adds_space_prefix = false;
  std::string kind;
  ScratchPool<EncodeScratch> scratch;
};

namespace {

Error UnsupportedModel(const Gguf& file, std::string_view model) {
  return {Code::kUnsupported, Fmt("%s: tokenizer.ggml.model is \"%s\"; supported are \"llama\", \"gpt2\" and \"gemma4\"",
                                  file.path().c_str(), Printable(model).c_str())};
}

Result<const PreTokenizer*> ChoosePreTokenizer(const Gguf& file, std::string_view model) {
  TRY(std::string_view name, file.GetString("tokenizer.ggml.pre", "default"));
  if (model == "gemma4") name = "gemma4";
  if (const PreTokenizer* pre = FindPreTokenizer(name.empty() ? "default" : name)) return pre;
  std::string names;
  for (const PreTokenizer& p : PreTokenizers()) names.append(names.empty() ? "" : ", ").append(p.name);
  return Error{Code::kUnsupported, Fmt("%s: tokenizer.ggml.pre is \"%s\"; supported are %s", file.path().c_str(),
                                       Printable(name).c_str(), names.c_str())};
}

}  // namespace

Tokenizer::Tokenizer(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Result<std::unique_ptr<Tokenizer::Impl>> Tokenizer::Impl::Spm(const Gguf& file, Vocab vocab) {
  if (!vocab.has_scores())
    return Error{Code::kCorrupt,
                 Fmt("%s: tokenizer.ggml.scores is missing, which a \"llama\" tokenizer needs", file.path().c_str())};
  TRY_OK(vocab.ReadFlags(file, {.add_bos = true, .bos = 1, .eos = 2, .unknown = 0}));
  auto impl = std::make_unique<Impl>(std::move(vocab), Spelling::kSpaceMarks);
  TRY(impl->adds_space_prefix, file.GetBool("tokenizer.ggml.add_space_prefix", true));
  impl->model = std::make_unique<SpmModel>(impl->vocab, impl->adds_space_prefix);
  impl->kind = "spm";
  return impl;
}

Result<std::unique_ptr<Tokenizer::Impl>> Tokenizer::Impl::Bpe(const Gguf& file, Vocab vocab, const PreTokenizer& pre) {
  TRY(const auto merges, file.GetStrings("tokenizer.ggml.merges"));
  TRY(const CharClasses* classes, CharClasses::Get());
  TRY_OK(vocab.ReadFlags(file, {.add_bos = pre.adds_bos}));
  auto impl = std::make_unique<Impl>(std::move(vocab), pre.byte_level ? Spelling::kByteChars : Spelling::kSpaceMarks);
  impl->model = std::make_unique<BpeModel>(impl->vocab, impl->pieces, merges, pre, *classes);
  impl->kind = "bpe " + std::string(pre.name);
  return impl;
}

Result<Tokenizer> Tokenizer::Load(const Gguf& file) {
  TRY(const std::string_view model, file.GetString("tokenizer.ggml.model"));
  if (model == "llama") {
    TRY(Vocab vocab, Vocab::Load(file));
    TRY(auto impl, Impl::Spm(file, std::move(vocab)));
    return Tokenizer(std::move(impl));
  }
  if (model != "gpt2" && model != "gemma4") return UnsupportedModel(file, model);
  TRY(const PreTokenizer* pre, ChoosePreTokenizer(file, model));
  TRY(Vocab vocab, Vocab::Load(file));
  TRY(auto impl, Impl::Bpe(file, std::move(vocab), *pre));
  return Tokenizer(std::move(impl));
}

std::vector<Token> Tokenizer::Encode(std::string_view text, EncodeOptions options) const {
  std::string replaced;
  if (!IsUtf8(text)) text = replaced = ReplaceInvalidUtf8(text);
  std::vector<Token> out;
  const Vocab& vocab = impl_->vocab;
  if (options.add_special && vocab.add_bos()) out.push_back(vocab.special().bos);
  const SpecialTokens& special = options.parse_special ? impl_->all_special : impl_->user_defined;
  impl_->scratch.With([&](EncodeScratch& scratch) {
    bool after_special = true;  // as at the start of a text
    special.Split(
        text,
        [&](std::string_view piece) {
          impl_->model->Encode(piece, after_special, scratch, out);
          after_special = false;
        },
        [&](Token t) {
          out.push_back(t);
          after_special = true;
        });
  });
  if (options.add_special && vocab.add_eos()) out.push_back(vocab.special().eos);
  return out;
}

std::string Tokenizer::Decode(std::span<const Token> tokens, bool show_special) const {
  StreamDecoder decoder(*this, show_special, StreamDecoder::Start::kWholeText);
  std::string text;
  for (const Token t : tokens) text += decoder.Push(t);
  return text + decoder.Finish();
}

size_t Tokenizer::size() const { return impl_->vocab.size(); }
std::string_view Tokenizer::Text(Token t) const { return Has(t) ? impl_->vocab.Text(t) : std::string_view(); }
std::string_view Tokenizer::Piece(Token t) const { return Has(t) ? impl_->pieces.Of(t) : std::string_view(); }
bool Tokenizer::IsControl(Token t) const { return Has(t) && impl_->vocab.Is(t, kControlToken); }
bool Tokenizer::EndsGeneration(Token t) const { return Has(t) && impl_->vocab.EndsGeneration(t); }
Token Tokenizer::bos() const { return impl_->vocab.special().bos; }
Token Tokenizer::eos() const { return impl_->vocab.special().eos; }
bool Tokenizer::adds_bos() const { return impl_->vocab.add_bos(); }
std::string_view Tokenizer::kind() const { return impl_->kind; }

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool show_special, Start start)
    : tokenizer_(*tokenizer.impl_),
      show_special_(show_special),
      drops_space_(start == Start::kWholeText && tokenizer.impl_->adds_space_prefix) {}

std::string StreamDecoder::Push(Token t) {
  const Vocab& vocab = tokenizer_.vocab;
  if (!vocab.Has(t)) return {};
  if (vocab.Is(t, kControlToken | kUnknownToken)) {
    if (show_special_) pending_ += vocab.Text(t);
    return TakeCompleteUtf8(pending_);
  }
  std::string_view piece = tokenizer_.pieces.Of(t);
  if (drops_space_ && piece.starts_with(' ')) piece.remove_prefix(1);
  drops_space_ = false;
  pending_ += piece;
  return TakeCompleteUtf8(pending_);
}

std::string StreamDecoder::Finish() {
  std::string rest = ReplaceInvalidUtf8(pending_);
  pending_.clear();
  return rest;
}

}  // namespace hasten
