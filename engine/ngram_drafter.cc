#include "engine/ngram_drafter.h"

#include <algorithm>

namespace hasten {

// How far behind the place where a copy was lost it may go on, and for how many tokens it is looked for.
static constexpr size_t kNearby = 12;

// Kinds: a copy that has held for one token, or for as many as the lengths of n-grams.
static constexpr double kExpectations[] = {0.5, 0.4, 0.6, 0.8, 0.9};
static_assert(std::size(kExpectations) == 1 + NgramIndex::kLengths.size());

std::span<const double> NgramDrafter::Expectations() const { return kExpectations; }

// Moves the copy on by the tokens of `text` that are new.
void NgramDrafter::FollowCopy(std::span<const int32_t> text) {
  for (size_t i = text_.size(); i < text.size() && copy_ > 0; ++i) {
    // While it holds, the very next token; once lost, the nearest that equals.
    const auto original = text.first(i).subspan(copy_, std::min(lost_ == 0 ? 1 : kNearby, i - copy_));
    const auto at = size_t(std::ranges::find(original, text[i]) - original.begin());
    if (at < original.size()) {
      copy_ += at + 1;
      held_ = lost_ == 0 ? held_ + 1 : 1;
      lost_ = 0;
    } else if (++lost_ > kNearby) {
      copy_ = 0;
    }
  }
}

std::optional<size_t> NgramDrafter::Look(std::span<const int32_t> text) {
  FollowCopy(text);
  text_ = text;
  const NgramIndex::Match match = index_.Extend(text);
  const size_t held = copy_ > 0 && copy_ < text.size() && lost_ == 0 ? held_ : 0;
  next_ = held >= match.length ? copy_ : match.next;
  // A long n-gram becomes the copy to follow; a short one may be an accident while a copy is only interrupted.
  if (match.length > held && (copy_ == 0 || match.length >= NgramIndex::kLengths[1])) {
    copy_ = match.next;
    held_ = match.length;
    lost_ = 0;
  }
  const size_t length = std::max(held, match.length);
  if (length == 0) return std::nullopt;
  return size_t(std::ranges::upper_bound(NgramIndex::kLengths, length) - NgramIndex::kLengths.begin());
}

Status NgramDrafter::Draft(size_t count, std::vector<int32_t>& tokens) {
  const size_t first = tokens.size();
  // A guess that reaches the text's end goes on with its own beginning: a text that repeats itself keeps doing so.
  for (size_t i = 0; i < count; ++i) {
    const size_t at = next_ + i;
    tokens.push_back(at < text_.size() ? text_[at] : tokens[first + at - text_.size()]);
  }
  return {};
}

}  // namespace hasten
