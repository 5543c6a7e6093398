#include "tokenizer/vocab.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>

namespace hasten {
namespace {

constexpr std::string_view kTokensKey = "tokenizer.ggml.tokens";

// Tokens that end a text in one family or another; files name only one or two of them by id. The last three lines: what models
// trained to fill in code write when they go on to another file.
// clang-format off
constexpr std::string_view kEnds[] = {
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|calls|>", "<|flush|>", "<end_of_turn>", "<|endoftext|>",
    "<|end_of_text|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<end_of_utterance>", "<eos>", "<turn|>",
    "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
    "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]",
    "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>",
    "<|file_sep|>"};

// Control tokens though files may call them normal or user-defined: where the gap is that code is filled into.
constexpr std::string_view kGaps[] = {
    "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>",
    "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>",
    "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>"};
// clang-format on

Status WrongLength(const Gguf& file, const char* key, size_t length, size_t tokens) {
  return Error{Code::kCorrupt, Fmt("%s: %s has %zu entries for %zu tokens", file.path().c_str(), key, length, tokens)};
}

}  // namespace

Status Vocab::ReadTexts(const Gguf& file) {
  TRY(const auto texts, file.GetStrings(kTokensKey));
  size_t bytes = 0;
  for (const std::string_view t : texts) bytes += t.size();
  bytes_.reserve(bytes);
  texts_.reserve(texts.size());
  for (const std::string_view t : texts) {
    const char* const begin = bytes_.data() + bytes_.size();
    bytes_.insert(bytes_.end(), t.begin(), t.end());
    texts_.emplace_back(begin, t.size());
    longest_ = std::max(longest_, t.size());
    index_.Add(texts_.back(), Token(texts_.size() - 1));
  }
  return {};
}

Status Vocab::ReadKinds(const Gguf& file) {
  // Numbers 0 to 6 in the file: undefined, normal, unknown, control, user-defined, unused, byte.
  constexpr std::array<uint8_t, 7> kKinds = {
      0, kNormalToken, kUnknownToken, kControlToken, kUserDefinedToken, kUnusedToken, kByteToken};
  constexpr std::string_view kKey = "tokenizer.ggml.token_type";
  kinds_.assign(size(), kNormalToken);
  if (!file.Has(kKey)) return {};
  TRY(const auto types, file.GetInts(kKey));
  if (types.size() < size()) return WrongLength(file, kKey.data(), types.size(), size());
  for (size_t i = 0; i < size(); ++i) kinds_[i] = types[i] >= 0 && size_t(types[i]) < kKinds.size() ? kKinds[types[i]] : 0;
  return {};
}

Status Vocab::ReadScores(const Gguf& file) {
  constexpr std::string_view kKey = "tokenizer.ggml.scores";
  if (!file.Has(kKey)) return {};
  TRY(scores_, file.GetFloats(kKey));
  if (scores_.size() < size()) return WrongLength(file, kKey.data(), scores_.size(), size());
  for (float& s : scores_)
    if (std::isnan(s)) s = -std::numeric_limits<float>::infinity();
  return {};
}

Result<Vocab> Vocab::Load(const Gguf& file) {
  TRY(const auto texts, file.GetStrings(kTokensKey));
  if (texts.empty()) return Error{Code::kCorrupt, Fmt("%s: %s is empty", file.path().c_str(), kTokensKey.data())};
  if (texts.size() > size_t(std::numeric_limits<Token>::max() / 2))
    return Error{Code::kUnsupported,
                 Fmt("%s: %s has %zu entries, too many", file.path().c_str(), kTokensKey.data(), texts.size())};
  Vocab vocab(texts.size());
  TRY_OK(vocab.ReadTexts(file));
  TRY_OK(vocab.ReadKinds(file));
  TRY_OK(vocab.ReadScores(file));
  return vocab;
}

Status Vocab::ReadFlags(const Gguf& file, const Defaults& defaults) {
  special_.bos = defaults.bos;
  special_.eos = defaults.eos;
  special_.unknown = defaults.unknown;
  const std::pair<std::string_view, Token*> ids[] = {{"tokenizer.ggml.bos_token_id", &special_.bos},
                                                     {"tokenizer.ggml.eos_token_id", &special_.eos},
                                                     {"tokenizer.ggml.eot_token_id", &special_.eot},
                                                     {"tokenizer.ggml.eom_token_id", &special_.eom},
                                                     {"tokenizer.ggml.unknown_token_id", &special_.unknown}};
  for (const auto& [key, id] : ids) {
    if (!Has(*id)) *id = kNoToken;  // a default beyond a small vocabulary
    if (!file.Has(key)) continue;
    TRY(const uint64_t value, file.GetUint(key));
    if (value < size()) *id = Token(value);  // files with ids beyond their vocabulary exist; they mean "none"
  }
  TRY(add_bos_, file.GetBool("tokenizer.ggml.add_bos_token", defaults.add_bos));
  TRY(add_eos_, file.GetBool("tokenizer.ggml.add_eos_token", false));
  MarkEnds();
  return MarkStripping(file);
}

void Vocab::MarkEnds() {
  ends_.assign(size(), false);
  for (const Token t : {special_.eos, special_.eot, special_.eom})
    if (t != kNoToken) ends_[t] = true;
  for (const std::string_view text : kEnds) {
    const Token t = Find(text);
    if (t == kNoToken) continue;
    ends_[t] = true;
    kinds_[t] |= kControlToken;
  }
  for (const std::string_view text : kGaps)
    if (const Token t = Find(text); t != kNoToken) kinds_[t] |= kControlToken;
  const auto has = [this](std::string_view text) { return Find(text) != kNoToken; };
  // In gpt-oss's format <|end|> closes a message, not the answer; in gemma 4's, </s> is an ordinary HTML tag.
  if (const Token t = Find("<|end|>"); t != kNoToken)
    if ((has("<|return|>") || has("<|flush|>")) && (has("<|call|>") || has("<|calls|>"))) ends_[t] = false;
  if (const Token t = Find("</s>"); t != kNoToken && has("<|tool_response>")) {
    ends_[t] = false;
    kinds_[t] = kNormalToken;
  }
}

// No key says which tokens swallow white space; of the supported families, Phi-3's special tokens do.
Status Vocab::MarkStripping(const Gguf& file) {
  TRY(const std::string_view given_name, file.GetString("general.name", ""));
  std::string name(given_name);
  for (char& c : name) c = char(std::tolower(uint8_t(c)));
  if (name.find("phi-3") == name.npos && name.find("phi3") == name.npos) return {};
  for (uint8_t& kind : kinds_)
    if (kind & (kControlToken | kUserDefinedToken | kUnknownToken)) kind |= kStripsRight;
  for (const std::string_view text : {"<unk>", "<s>", "<|endoftext|>"})
    if (const Token t = Find(text); t != kNoToken) kinds_[t] &= uint8_t(~kStripsRight);
  return {};
}

}  // namespace hasten
