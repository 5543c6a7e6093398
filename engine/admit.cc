// The one place that decides whether a request fits, and says with numbers why not.
#include <algorithm>

#include "engine/engine.h"

namespace hasten {

Result<SequenceId> Engine::FreeSlot() const {
  for (size_t i = 0; i < sequences_.size(); ++i)
    if (!sequences_[i].open) return SequenceId(i);
  return Error{Code::kExhausted, Fmt("all %zu sequences are open: close one or make room for more", sequences_.size())};
}

Status Engine::CheckOpen(SequenceId seq) const {
  if (size_t(seq) < sequences_.size() && sequences_[seq].open) return {};
  return Error{Code::kBadInput, Fmt("sequence %d is not open", seq)};
}

static size_t BlocksFor(size_t tokens) { return (tokens + kKvBlock - 1) / kKvBlock; }

Status Engine::AdmitPrompt(std::span<const int32_t> prompt, size_t room, size_t promised, bool parts) const {
  if (room == 0 && prompt.size() > plan_.context) {
    return Error{Code::kBadInput, Fmt("the prompt has %zu tokens and the context is %zu tokens long: shorten the prompt or ask "
                                      "for a longer context",
                                      prompt.size(), plan_.context)};
  }
  if (prompt.size() > plan_.context || room > plan_.context - prompt.size()) {
    return Error{Code::kBadInput, Fmt("a prompt of %zu tokens and %zu more to come do not fit a context of %zu tokens",
                                      prompt.size(), room, plan_.context)};
  }
  const size_t cached = prompt.empty() ? 0 : cache_.Peek(prompt.first(prompt.size() - 1), parts);
  const size_t needed = BlocksFor(prompt.size() + room) - cached / kKvBlock;
  // Cached blocks of this very prompt count as available while only the tree holds them, but cannot be evicted for it.
  size_t own = cached % kKvBlock > 0;  // of one that is shared in part until it has been copied
  cache_.VisitPrefix(prompt.first(cached), [&](int32_t node, size_t) { own += cache_.pool().holders(node) == 1; });
  const size_t taken = own + promised;
  const size_t available = cache_.pool().available() - std::min(taken, cache_.pool().available());
  if (needed > available) {
    return Error{Code::kExhausted, Fmt("the prompt needs %zu KV blocks of %zu tokens and %zu of %zu are available: "
                                       "close sequences or allow more memory",
                                       needed, kKvBlock, available, cache_.pool().count())};
  }
  return {};
}

Status Engine::AdmitRequest(const StepRequest& r) const {
  TRY_OK(CheckOpen(r.seq));
  if (r.tokens.empty() || std::max(r.logits, r.hidden) > r.tokens.size()) {
    return Error{Code::kBadInput, Fmt("a step of %zu tokens cannot give logits or hidden states of %zu of them",
                                      r.tokens.size(), std::max(r.logits, r.hidden))};
  }
  if (const size_t past = Length(r.seq); r.tokens.size() > plan_.context - past) {
    return Error{Code::kBadInput, Fmt("the sequence holds %zu tokens and %zu more do not fit a context of %zu tokens", past,
                                      r.tokens.size(), plan_.context)};
  }
  for (const auto tokens : {r.tokens, r.candidates}) {
    for (const int32_t t : tokens) {
      if (size_t(uint32_t(t)) < model_.info().vocab) continue;
      return Error{Code::kBadInput, Fmt("token %d is not in the vocabulary of %zu tokens", t, model_.info().vocab)};
    }
  }
  return {};
}

Status Engine::AdmitStep(std::span<const StepRequest> requests) {
  size_t rows = 0, logit_rows = 0, needed = 0;
  for (const StepRequest& r : requests) {
    TRY_OK(AdmitRequest(r));
    rows += r.tokens.size();
    logit_rows += r.logits;
  }
  if (requests.empty() || rows > max_rows_ || logit_rows > max_logit_rows_) {
    return Error{Code::kBadInput,
                 Fmt("a step of %zu tokens with %zu rows of logits; this engine runs 1 to %zu tokens and at most "
                     "%zu rows at once",
                     rows, logit_rows, max_rows_, max_logit_rows_)};
  }
  for (const StepRequest& r : requests) {
    if (++in_step_[r.seq] > 1) {
      for (const StepRequest& s : requests) in_step_[s.seq] = 0;
      return Error{Code::kBadInput, Fmt("sequence %d is twice in one step", r.seq)};
    }
  }
  for (const StepRequest& r : requests) {
    in_step_[r.seq] = 0;
    const Sequence& s = sequences_[r.seq];
    needed += BlocksFor(s.tokens.size() + r.tokens.size()) - s.blocks.size();
    needed += WantsCopy(s);
  }
  ForgetWants(requests);
  if (needed > cache_.pool().available()) {
    return Error{Code::kExhausted, Fmt("the step needs %zu KV blocks of %zu tokens and %zu of %zu are available: "
                                       "close sequences or allow more memory",
                                       needed, kKvBlock, cache_.pool().available(), cache_.pool().count())};
  }
  return {};
}

}  // namespace hasten
