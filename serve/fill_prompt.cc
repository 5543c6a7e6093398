// Source of the layout: llama.cpp, tools/server/README.md, "POST /infill"; Qwen2.5-Coder's card for repositories.
#include "serve/fill_prompt.h"

#include "serve/service.h"

namespace hasten {

std::optional<FillTokens> FillTokensOf(const Call& call, const Tokenizer& tokenizer) {
  const Models& models = call.service.models();
  const auto index = models.Find(call.model);
  if (!index) return std::nullopt;
  return FindFillTokens(models.all()[*index].file, tokenizer);
}

namespace {

class Prompt {
 public:
  explicit Prompt(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {
    if (tokenizer.adds_bos()) tokens_.push_back(tokenizer.bos());
  }
  // Text of files is text: what looks like a control token in it is none.
  void Text(const std::string& text) {
    const auto more = tokenizer_.Encode(text);
    tokens_.insert(tokens_.end(), more.begin(), more.end());
  }
  void Add(Token token) {
    if (token >= 0) tokens_.push_back(token);
  }
  std::vector<Token> Take() { return std::move(tokens_); }

 private:
  const Tokenizer& tokenizer_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> FillPrompt(const FillRequest& request, const FillTokens& tokens, const Tokenizer& tokenizer) {
  Prompt prompt(tokenizer);
  if (!request.others.empty() && tokens.file >= 0) {
    prompt.Add(tokens.repository);
    if (tokens.repository >= 0) prompt.Text("project\n");
    for (const FillRequest::File& file : request.others) {
      prompt.Add(tokens.file);
      prompt.Text(file.name + "\n" + file.text);
    }
    prompt.Add(tokens.file);
    prompt.Text("filename\n");
  } else {
    for (const FillRequest::File& file : request.others) prompt.Text("\n\n--- " + file.name + " ---\n\n" + file.text);
  }
  const auto prefix = [&] {
    prompt.Add(tokens.prefix);
    prompt.Text(request.prefix);
  };
  if (!tokens.suffix_first) prefix();
  prompt.Add(tokens.suffix);
  prompt.Text(request.suffix);
  if (tokens.suffix_first) prefix();
  prompt.Add(tokens.middle);
  if (!request.begun.empty()) prompt.Text(request.begun);
  return prompt.Take();
}

}  // namespace hasten
