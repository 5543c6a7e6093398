#include "engine/text_stream.h"

#include <utility>

namespace hasten {

TextStream::TextStream(const Tokenizer& tokenizer, TextOptions options)
    : tokenizer_(tokenizer),
      options_(std::move(options)),
      sampler_(options_.sampler),
      decoder_(tokenizer, options_.show_special),
      stops_(options_.stops) {}

void TextStream::Release(std::string text, bool all, Piece& piece) {
  shown_ += text.size();
  piece.text += text;
  for (; !waiting_.empty() && (all || waiting_.front().end <= shown_); waiting_.pop_front())
    piece.tokens.push_back(std::move(waiting_.front().token));
}

Token TextStream::Choose(std::span<const float> logits, std::span<const Token> so_far, Piece& piece) {
  const Token token = sampler_.Sample(logits, so_far, so_far.size());
  ++generated_;
  if (tokenizer_.EndsGeneration(token)) {
    End(Finish::kEnd, piece);
    return token;
  }
  const std::string text = decoder_.Push(token);
  decoded_ += text.size();
  TextToken chosen = {.token = token, .logprobs = {}};
  if (options_.logprobs) chosen.logprobs = LogprobsOf(logits, token, *options_.logprobs);
  waiting_.push_back({std::move(chosen), decoded_});
  Release(stops_.Push(text), false, piece);
  if (stops_.stopped()) {
    finish_ = Finish::kStop;
  } else if (generated_ >= options_.max_tokens) {
    End(Finish::kLength, piece);
  }
  return token;
}

void TextStream::End(Finish why, Piece& piece) {
  if (finish_) return;
  finish_ = why;
  std::string text = stops_.Push(decoder_.Finish());
  if (!stops_.stopped()) text += stops_.Finish();
  Release(std::move(text), !stops_.stopped(), piece);
}

}  // namespace hasten
