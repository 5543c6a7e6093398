#include "engine/guesser.h"

#include <algorithm>
#include <chrono>

namespace hasten {

static double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void Guesser::Use(std::unique_ptr<Drafter> drafter) {
  Source& source = sources_.emplace_back();
  for (const double expected : drafter->Expectations()) source.kinds.emplace_back(expected);
  source.drafter = std::move(drafter);
}

Result<size_t> Guesser::Guess(std::span<const int32_t> text, size_t most, size_t vocab, const GuessPrice& price,
                              std::vector<int32_t>& tokens) {
  DraftChoice best;
  Source* chosen = nullptr;
  guessed_ = 0;
  judged_ = nullptr;
  for (Source& source : sources_) {
    const auto kind = source.drafter->Look(text);
    if (!kind) continue;
    const double drafting = price.pass_s > 0 ? source.cost.OfOneRow() / price.pass_s : 0;
    Acceptance& acceptance = source.kinds[*kind];
    const DraftChoice choice = BestDraft(acceptance.probability(), price.row + drafting, most);
    if (choice.tokens == 0) acceptance.Forget();
    if (choice.gain <= best.gain) continue;
    best = choice;
    chosen = &source;
    judged_ = &acceptance;
  }
  if (best.tokens == 0) return size_t(0);
  const size_t before = tokens.size();
  const double start = Now();
  TRY_OK(chosen->drafter->Draft(best.tokens, tokens));
  // Another model may know more tokens than this one.
  const auto known = [&](int32_t t) { return size_t(uint32_t(t)) < vocab; };
  tokens.erase(std::find_if_not(tokens.begin() + ptrdiff_t(before), tokens.end(), known), tokens.end());
  guessed_ = tokens.size() - before;
  if (guessed_ > 0) chosen->cost.Learn(1, (Now() - start) / double(guessed_));
  return guessed_;
}

void Guesser::Learn(size_t accepted) {
  if (guessed_ > 0) judged_->Learn(guessed_, accepted);
  guessed_ = 0;
}

}  // namespace hasten
