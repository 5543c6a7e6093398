#include "engine/writer.h"

#include <algorithm>
#include <chrono>

namespace hasten {

static double Now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Writer::Writer(Engine& engine, SequenceId seq, Choose choose, WriterOptions options)
    : engine_(engine), seq_(seq), choose_(std::move(choose)), options_(options) {
  const auto prompt = engine.Tokens(seq);
  text_.assign(prompt.begin(), prompt.end());
}

std::span<const int32_t> Writer::First(std::span<const float> logits) {
  text_.push_back(choose_(logits, text_));
  chosen_.assign(1, text_.back());
  AddForced();
  return chosen_;
}

void Writer::AddForced() {
  if (!forced_) return;
  const auto tokens = forced_();
  text_.insert(text_.end(), tokens.begin(), tokens.end());
  chosen_.insert(chosen_.end(), tokens.begin(), tokens.end());
  stats_.forced += tokens.size();
}

// What rows, context and options leave for a draft. Where more than one token is still to be read, recurrent state has gone
// back to its mark: those are read without a draft first, or one failure after the other would make ever more of them.
size_t Writer::MostDrafted(size_t room) const {
  if (text_.size() - engine_.Length(seq_) > 1 || text_.size() >= engine_.context()) return 0;
  const size_t rows = std::min({room, engine_.max_logit_rows(), engine_.max_rows()});
  return std::min({options_.most_drafted, engine_.context() - text_.size(), std::max<size_t>(rows, 1) - 1});
}

Result<StepRequest> Writer::Plan(size_t room) {
  const size_t read = engine_.Length(seq_);
  if (text_.size() == read) return Error{Code::kBug, "a sequence has no chosen token to read"};
  size_t read_before = 0;  // of a long forced text only its end shares the pass
  if (text_.size() - read > engine_.max_rows()) {
    read_before = text_.size() - read - engine_.max_rows();
    TRY_OK(engine_.Feed(seq_, std::span<const int32_t>(text_).subspan(read, read_before)));
  }
  request_.assign(text_.begin() + ptrdiff_t(read + read_before), text_.end());
  drafted_ = 0;
  if (const size_t most = MostDrafted(room); most > 0) {
    const GuessPrice price = {.row = RowCost(), .pass_s = cost_.OfOneRow()};
    TRY(drafted_, guesser_.Guess(text_, most, engine_.model_info().vocab, price, request_));
  }
  if (drafted_ > 0) TRY_OK(engine_.Mark(seq_));
  StepRequest request = {.seq = seq_, .tokens = request_, .logits = 1 + drafted_};
  if (candidates_ && drafted_ == 0) request.candidates = candidates_();
  return request;
}

Result<std::span<const int32_t>> Writer::Take(const LogitRows& rows, size_t first_row) {
  chosen_.clear();
  const std::span<const int32_t> draft = std::span(request_).last(drafted_);
  for (size_t i = 0; i <= draft.size(); ++i) {
    text_.push_back(choose_(rows[first_row + i], text_));
    chosen_.push_back(text_.back());
    if (i < draft.size() && draft[i] != text_.back()) break;
  }
  const size_t accepted = chosen_.size() - 1;
  ++stats_.passes;
  stats_.tokens += chosen_.size();
  stats_.drafted += drafted_;
  stats_.accepted += accepted;
  if (drafted_ > 0) guesser_.Learn(accepted);
  if (accepted < drafted_) TRY_OK(engine_.Truncate(seq_, text_.size() - 1));
  AddForced();
  return std::span<const int32_t>(chosen_);
}

Result<std::span<const int32_t>> Writer::Next() {
  TRY(StepRequest request, Plan(options_.most_drafted + 1));
  double start = Now();
  auto rows = engine_.Step({&request, 1});
  if (!rows && rows.error().code == Code::kExhausted && drafted_ > 0) {  // no memory for guesses is no reason to stop
    TRY(request, Plan(1));
    start = Now();
    rows = engine_.Step({&request, 1});
  }
  if (!rows) return rows.error();
  cost_.Learn(double(request.tokens.size()), Now() - start);
  return Take(*rows, 0);
}

}  // namespace hasten
