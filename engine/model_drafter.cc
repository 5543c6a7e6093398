#include "engine/model_drafter.h"

#include <algorithm>

namespace hasten {

static constexpr double kExpectation = 0.6;

Result<std::unique_ptr<Drafter>> ModelDrafter::Create(Engine& engine, Writer::Choose choose, std::span<const int32_t> prompt) {
  TRY(const SequenceId seq, engine.Open(prompt));
  return std::unique_ptr<Drafter>(new ModelDrafter(engine, seq, std::move(choose)));
}

std::span<const double> ModelDrafter::Expectations() const { return {&kExpectation, 1}; }

// Padding rows of the large model's table are tokens that the small one may lack.
bool ModelDrafter::Knows(std::span<const int32_t> tokens) const {
  return std::ranges::all_of(tokens, [&](int32_t t) { return size_t(t) < engine_.model_info().vocab; });
}

std::optional<size_t> ModelDrafter::Look(std::span<const int32_t> text) {
  text_.assign(text.begin(), text.end());
  const size_t read = engine_.Length(seq_);
  if (text.size() >= engine_.context() || !Knows(text.subspan(std::min(read, text.size())))) return std::nullopt;
  if (text.size() - std::min(read, text.size()) <= engine_.max_rows()) return 0;
  // Far behind, as at a long prompt's end: a chunk now, so that nobody waits for all of it.
  if (!ReturnTo(text) || !engine_.Feed(seq_, engine_.Rest(seq_, text).first(engine_.max_rows()))) return std::nullopt;
  return std::nullopt;
}

// Forgets what was drafted and not chosen, so that at least the last token of `text` is to be read.
Status ModelDrafter::ReturnTo(std::span<const int32_t> text) {
  const auto held = engine_.Tokens(seq_);
  const size_t most = std::min(held.size(), text.size() - 1);
  const auto same = size_t(std::mismatch(held.begin(), held.begin() + ptrdiff_t(most), text.begin()).first - held.begin());
  TRY([[maybe_unused]] const size_t left, engine_.Truncate(seq_, same));
  return {};
}

Status ModelDrafter::Draft(size_t count, std::vector<int32_t>& tokens) {
  TRY_OK(ReturnTo(text_));
  const size_t room = engine_.context() - text_.size();
  for (size_t i = 0; i < std::min(count, room); ++i) {
    TRY(const auto logits, engine_.Read(seq_, engine_.Rest(seq_, text_)));
    if (i == 0) TRY_OK(engine_.Mark(seq_));  // all that is read now was chosen
    text_.push_back(choose_(logits, text_));
    tokens.push_back(text_.back());
  }
  return {};
}

}  // namespace hasten
