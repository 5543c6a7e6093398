#include "engine/text_stream.h"

#include <utility>

#include "engine/constraint/choice.h"

namespace hasten {

TextStream::TextStream(const Tokenizer& tokenizer, TextOptions options)
    : tokenizer_(tokenizer),
      options_(std::move(options)),
      sampler_(options_.sampler),
      decoder_(tokenizer, options_.show_special),
      stops_(options_.stops) {
  if (options_.constraint && options_.constraint_begins.empty()) state_.emplace(options_.constraint);
  tail_ = options_.constraint_before;
  if (options_.constraint && !options_.constraint_begins.empty()) Begins();
  thinking_ = options_.thought && options_.thought->inside;
  if (thinking_) CutThought();
}

// Whether the mark stands at the tail's end; the constraint holds from behind it then.
bool TextStream::Begins() {
  const std::string& mark = options_.constraint_begins;
  const size_t at = tail_.find(mark);
  if (at == std::string::npos) {
    if (tail_.size() >= mark.size()) tail_.erase(0, tail_.size() - mark.size() + 1);
    return false;
  }
  state_.emplace(options_.constraint);
  if (!state_->AcceptText(std::string_view(tail_).substr(at + mark.size()))) state_.reset();
  tail_.clear();
  return true;
}

// Counts what is thought, and looks for the mark that ends or begins it.
void TextStream::Think(const std::string& text) {
  const ThoughtOptions& thought = *options_.thought;
  thought_tokens_ += thinking_;
  thought_tail_ += text;
  const std::string& mark = thinking_ ? thought.close : thought.open;
  if (const size_t at = thought_tail_.find(mark); at != std::string::npos) {
    thinking_ = !thinking_;
    thought_tail_.erase(0, at + mark.size());
  } else if (thought_tail_.size() >= mark.size()) {
    thought_tail_.erase(0, thought_tail_.size() - mark.size() + 1);
  }
  if (!thinking_) {
    cut_ = false;
  } else if (!cut_) {
    CutThought();
  }
}

// Once the budget is spent the next tokens end the thought, whatever the model would say.
void TextStream::CutThought() {
  const ThoughtOptions& thought = *options_.thought;
  if (!thought.most_tokens || thought_tokens_ < *thought.most_tokens) return;
  cut_ = true;
  for (const Token t : tokenizer_.Encode(thought.cut, {.parse_special = true})) forced_.push_back(t);
}

std::span<const uint64_t> TextStream::Mask() {
  if (mask_.empty()) mask_ = state_->Mask();
  return mask_;
}

// What cuts a thought goes before what a constraint forces.
void TextStream::FillForced() {
  if (!state_ || !forced_.empty()) return;
  const std::vector<Token> tokens = state_->ForcedTokens();
  forced_.assign(tokens.begin(), tokens.end());
}

std::span<const Token> TextStream::Candidates(size_t most) {
  if (!state_ || options_.logprobs || !FewAllowed(Mask(), most, candidates_)) return {};
  return candidates_;
}

Token TextStream::Pick(std::span<const float> logits, std::span<const Token> so_far) {
  FillForced();
  if (!forced_.empty()) {
    const Token token = forced_.front();
    forced_.pop_front();
    return token;
  }
  if (!state_) return sampler_.Sample(logits, so_far, so_far.size());
  return SampleAllowed(sampler_, Mask(), logits, so_far, masked_);
}

// Brings the constraint up to date: it goes on by the token, begins behind a mark, or is satisfied.
void TextStream::Follow(Token token, const std::string& text) {
  const std::string& mark = options_.constraint_begins;
  if (state_) {
    if (!state_->Accept(token)) {  // nothing was allowed: the constraint needed more than it may have
      finish_ = Finish::kEnd;
    } else if (state_->MustEnd()) {
      if (mark.empty() || options_.constraint_ends) finish_ = Finish::kEnd;
      state_.reset();
      forced_.clear();
      tail_.clear();
    }
    return;
  }
  if (mark.empty() || thinking_) return;
  tail_ += text;
  Begins();
}

void TextStream::Release(std::string text, bool all, Piece& piece) {
  shown_ += text.size();
  piece.text += text;
  for (; !waiting_.empty() && (all || waiting_.front().end <= shown_); waiting_.pop_front())
    piece.tokens.push_back(std::move(waiting_.front().token));
}

Token TextStream::Choose(std::span<const float> logits, std::span<const Token> so_far, Piece& piece) {
  const Token token = Pick(logits, so_far);
  Take(token, logits, piece);
  return token;
}

std::vector<Token> TextStream::TakeForced(size_t most, Piece& piece) {
  std::vector<Token> taken;
  while (!finish_ && !options_.logprobs && taken.size() < most) {
    FillForced();
    if (forced_.empty()) break;
    taken.push_back(forced_.front());
    forced_.pop_front();
    Take(taken.back(), {}, piece);
  }
  return taken;
}

void TextStream::Take(Token token, std::span<const float> logits, Piece& piece) {
  ++generated_;
  mask_ = {};
  if (tokenizer_.EndsGeneration(token)) return End(Finish::kEnd, piece);
  const std::string text = decoder_.Push(token);
  decoded_ += text.size();
  TextToken chosen = {.token = token, .logprobs = {}};
  if (options_.logprobs) chosen.logprobs = LogprobsOf(logits, token, *options_.logprobs);
  waiting_.push_back({std::move(chosen), decoded_});
  Release(stops_.Push(text), false, piece);
  if (options_.thought) Think(text);
  if (options_.constraint) Follow(token, text);
  if (stops_.stopped()) {
    finish_ = Finish::kStop;
  } else if (finish_) {  // by the constraint
    finish_.reset();
    End(Finish::kEnd, piece);
  } else if (generated_ >= options_.max_tokens) {
    End(Finish::kLength, piece);
  }
}

void TextStream::End(Finish why, Piece& piece) {
  if (finish_) return;
  finish_ = why;
  std::string text = stops_.Push(decoder_.Finish());
  if (!stops_.stopped()) text += stops_.Finish();
  Release(std::move(text), !stops_.stopped(), piece);
}

}  // namespace hasten
