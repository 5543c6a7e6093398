#include "engine/engine.h"

#include <algorithm>
#include <cassert>
#include <chrono>

#include "models/profile.h"

namespace hasten {

// Lanes that run branches of their own need not wait for one another after every operation, but each reads all weights. That
// pays where the weights lie in cache, which models below about 30 million parameters do, and where rows are many. Two Zen 5
// cores, time of that as a share of all operations split, at 16, 32, 64 and 128 branches: 135 M parameters 1.18, 0.91, 0.86,
// 0.89; 0.6 B 1.27, 1.00, 0.98, 1.02; 1.2 B 1.28, 1.00, 1.04, 0.98; beside other work, where waiting is dear, 0.42 to 0.85 from
// 32 on (bench/lanes_bench.cc).
static constexpr size_t kAloneWeightBytes = 24 << 20;
static constexpr size_t kAloneRows = 16;  // a lane

Result<std::unique_ptr<Engine>> Engine::Create(const Model& model, Team& team, const EngineOptions& options) {
  if (model.info().bidirectional) {
    return Error{Code::kUnsupported, Fmt("%s models see every token from every other and cannot continue a text token by token",
                                         model.info().family.c_str())};
  }
  TRY(const MemoryPlan plan, PlanMemory(model.info(), options));
  return std::unique_ptr<Engine>(new Engine(model, team, options, plan));
}

Engine::Engine(const Model& model, Team& team, const EngineOptions& options, const MemoryPlan& plan)
    : model_(model),
      team_(team),
      plan_(plan),
      max_rows_(std::max(options.max_rows, options.max_sequences)),
      max_logit_rows_(options.max_logit_rows > 0 ? options.max_logit_rows : options.max_sequences),
      marks_(options.marks && model.info().state_floats > 0),
      tuner_(team.size(), options.choose_lanes),
      cache_(model.info(), options, plan),
      sequences_(options.max_sequences),
      scratch_(model.MakeScratch(max_rows_, max_logit_rows_, team.size())),
      lane_steps_(team.size()),
      wants_(plan.blocks),
      in_step_(options.max_sequences) {
  step_.Reserve(max_rows_, options.max_sequences, max_logit_rows_, model.info().vocab);
  for (StepPlan& p : lane_steps_) p.Reserve(max_rows_, options.max_sequences, max_logit_rows_, model.info().vocab);
  copies_.reserve(options.max_sequences);
  rows_.reserve(max_logit_rows_);
}

Engine::~Engine() = default;

void Engine::SetProfile(Profile* profile) {
  scratch_->profile = profile;
  if (!lane_scratch_.empty()) lane_scratch_[0]->profile = profile;  // of lanes that run alone, the first stands for all
}

// For all that the context lets a sequence hold, so that no step allocates: 4 bytes a token, beside the kilobytes of its keys
// and values.
void Engine::MakeRoom(Sequence& s) const {
  s.tokens.reserve(plan_.context);
  s.blocks.reserve((plan_.context + kKvBlock - 1) / kKvBlock);
}

Result<SequenceId> Engine::Open(std::span<const int32_t> prompt, size_t room, size_t promised) {
  TRY(const SequenceId id, FreeSlot());
  // A block that is shared in part wants a copy: where there is no memory for one more, it is read anew.
  const bool parts = bool(AdmitPrompt(prompt, room, promised, true));
  if (!parts) TRY_OK(AdmitPrompt(prompt, room, promised, false));
  Sequence& s = sequences_[id];
  s.open = true;
  MakeRoom(s);
  const auto findable = prompt.empty() ? prompt : prompt.first(prompt.size() - 1);
  const size_t cached = cache_.Match(findable, s.blocks, size_t(id), parts);
  s.tokens.assign(prompt.begin(), prompt.begin() + ptrdiff_t(cached));
  s.published = cached / kKvBlock;
  stats_.reused_tokens += cached;
  return id;
}

Status Engine::Fork(SequenceId seq, std::span<SequenceId> branches) {
  TRY_OK(CheckOpen(seq));
  const auto open = size_t(std::ranges::count_if(sequences_, &Sequence::open));
  if (branches.size() > sequences_.size() - open) {
    return Error{Code::kExhausted, Fmt("%zu branches were asked for and %zu of %zu sequences are open: close some or make room "
                                       "for more",
                                       branches.size(), open, sequences_.size())};
  }
  const Sequence& from = sequences_[seq];
  for (SequenceId& branch : branches) {
    TRY(branch, FreeSlot());
    Sequence& to = sequences_[branch];
    to.open = true;
    MakeRoom(to);
    to.tokens = from.tokens;
    to.blocks = from.blocks;
    to.published = from.published;
    for (const int32_t id : to.blocks) cache_.pool().Share(id);
    cache_.states().Copy(seq, branch);
  }
  return {};
}

void Engine::Close(SequenceId seq) {
  if (!CheckOpen(seq)) return;
  Sequence& s = sequences_[seq];
  if (const size_t tail = s.tokens.size() % kKvBlock; tail > 0) cache_.PublishTail(s.blocks, std::span(s.tokens).last(tail));
  if (store_) Keep(s);
  for (const int32_t id : s.blocks) cache_.pool().Release(id);
  s.tokens.clear();  // keeps its memory for the next sequence
  s.blocks.clear();
  s.published = 0;
  s.last_snapshot = -1;
  s.mark = kNoMark;
  s.open = false;
}

Result<size_t> Engine::Truncate(SequenceId seq, size_t tokens) {
  TRY_OK(CheckOpen(seq));
  Sequence& s = sequences_[seq];
  if (tokens >= s.tokens.size()) return s.tokens.size();
  const bool to_mark = s.mark <= tokens;
  if (!to_mark) s.mark = kNoMark;
  if (to_mark) cache_.states().Copy(MarkSlot(seq), seq);
  const size_t left = to_mark ? s.mark : cache_.Rewind(s.blocks, tokens, seq);
  const size_t blocks = (left + kKvBlock - 1) / kKvBlock;
  for (size_t i = blocks; i < s.blocks.size(); ++i) cache_.pool().Release(s.blocks[i]);
  s.blocks.resize(blocks);
  s.tokens.resize(left);
  s.published = std::min(s.published, left / kKvBlock);
  s.last_snapshot = -1;
  return left;
}

Status Engine::Mark(SequenceId seq) {
  TRY_OK(CheckOpen(seq));
  if (!marks_) return {};
  sequences_[seq].mark = Length(seq);
  cache_.states().Copy(seq, MarkSlot(seq));
  return {};
}

// Where recurrent states are kept for later, the last whole block before the text's end gets a chunk boundary, so that a
// snapshot is taken there and the same prompt costs at most one block of tokens next time.
size_t Engine::ChunkEnd(size_t length, size_t total, size_t most) const {
  size_t end = std::min(total, length + most);
  if (!cache_.KeepsSnapshots()) return end;
  const size_t last_boundary = (total - 1) / kKvBlock * kKvBlock;
  end = end == total ? last_boundary : end / kKvBlock * kKvBlock;
  return end > length ? end : std::min(total, length + most);
}

Result<std::span<const float>> Engine::Append(SequenceId seq, std::span<const int32_t> tokens, bool wants_logits) {
  TRY_OK(CheckOpen(seq));
  const size_t past = Length(seq), total = past + tokens.size();
  if (tokens.empty()) return Error{Code::kBadInput, "there are no tokens to read"};
  for (;;) {
    const size_t length = Length(seq), end = ChunkEnd(length, total, max_rows_);
    const StepRequest request = {
        .seq = seq, .tokens = tokens.subspan(length - past, end - length), .logits = wants_logits && end == total};
    TRY(const LogitRows rows, Step({&request, 1}));
    if (end == total) return rows.size() > 0 ? rows[0] : std::span<const float>();
  }
}

Result<std::span<const float>> Engine::Read(SequenceId seq, std::span<const int32_t> tokens) {
  return Append(seq, tokens, true);
}

Status Engine::Feed(SequenceId seq, std::span<const int32_t> tokens) {
  TRY([[maybe_unused]] const auto none, Append(seq, tokens, false));
  return {};
}

// Whether `s` has to copy its last block before it writes there. Of those that want to write a shared block in this step
// the last may have it, unless somebody else holds it too.
bool Engine::WantsCopy(const Sequence& s) {
  if (s.tokens.size() % kKvBlock == 0) return false;
  const int32_t last = s.blocks.back();
  return ++wants_[last] < cache_.pool().holders(last);
}

void Engine::ForgetWants(std::span<const StepRequest> requests) {
  for (const StepRequest& r : requests) {
    const Sequence& s = sequences_[r.seq];
    if (const size_t i = s.tokens.size() / kKvBlock; i < s.blocks.size()) wants_[s.blocks[i]] = 0;
  }
}

void Engine::Reserve(const StepRequest& r) {
  Sequence& s = sequences_[r.seq];
  if (WantsCopy(s)) {
    const int32_t own = cache_.Take();
    assert(own >= 0);
    copies_.push_back({.from = s.blocks.back(), .to = own});  // `from` is released once it has been copied
    s.blocks.back() = own;
  }
  const size_t needed = (s.tokens.size() + r.tokens.size() + kKvBlock - 1) / kKvBlock;
  while (s.blocks.size() < needed) {
    s.blocks.push_back(cache_.Take());
    assert(s.blocks.back() >= 0);
  }
}

bool Engine::RunsAlone(std::span<const StepRequest> requests) const {
  const size_t lanes = team_.lanes();
  size_t rows = 0, most = 0;
  for (const StepRequest& r : requests) rows += r.tokens.size(), most = std::max(most, r.tokens.size());
  if (lanes == 1 || rows < 2 * most * lanes) return false;  // no fair shares
  if (split_ != Split::kAuto) return split_ == Split::kAlone;
  return model_.info().weight_bytes <= kAloneWeightBytes || rows >= kAloneRows * lanes;
}

void Engine::PlanStep(std::span<const StepRequest> requests, bool alone) {
  size_t total = 0, row = 0;
  for (const StepRequest& r : requests) total += r.tokens.size();
  step_.Clear();
  for (StepPlan& p : lane_steps_) p.Clear();
  for (const StepRequest& r : requests) {
    const Sequence& s = sequences_[r.seq];
    StepPlan& plan = alone ? lane_steps_[row * team_.lanes() / total] : step_;
    plan.Add(r.tokens, s.tokens.size(), s.blocks, cache_.states().at(r.seq), {r.logits, r.candidates});
    plan.WantHidden(r.hidden);
    row += r.tokens.size();
  }
  if (!alone) return step_.ChooseHead();
  for (StepPlan& p : lane_steps_) p.ChooseHead();
}

void Engine::Forward(bool alone) {
  if (alone && lane_scratch_.empty()) {
    for (size_t i = 0; i < lane_steps_.size(); ++i) lane_scratch_.push_back(model_.MakeScratch(max_rows_, max_logit_rows_, 1));
  }
  if (scratch_->profile) scratch_->profile->alone = alone ? team_.lanes() : 1;
  const auto step = step_.step();
  team_.Run([&](const Lane& lane) {
    const Range mine = lane.Share(copies_.size());
    for (size_t i = mine.begin; i < mine.end; ++i) cache_.store().CopyBlock(copies_[i].from, copies_[i].to);
    if (!copies_.empty()) lane.Sync();  // before anybody writes what another still copies
    if (!alone) return model_.Forward(lane, step, *scratch_, cache_.store().view());
    const StepPlan& own = lane_steps_[lane.index()];
    if (own.rows() > 0) model_.Forward(Lane::Alone(), own.step(), *lane_scratch_[lane.index()], cache_.store().view());
  });
  rows_.clear();
  hidden_.clear();
  const auto collect = [&](const StepPlan& plan, const Scratch& scratch) {
    for (size_t i = 0; i < plan.logit_rows(); ++i) rows_.push_back(scratch.logits().row(i));
    for (size_t i = 0; i < plan.hidden_rows(); ++i) hidden_.emplace_back(scratch.hidden().row(i), model_.info().width);
  };
  if (!alone) collect(step_, *scratch_);
  for (size_t i = 0; alone && i < lane_steps_.size(); ++i) collect(lane_steps_[i], *lane_scratch_[i]);
  stats_.experts_read = scratch_->experts_read();
  for (const auto& own : lane_scratch_) stats_.experts_read += own->experts_read();
  for (const Copy& c : copies_) cache_.pool().Release(c.from);
  stats_.copied_blocks += copies_.size();
  copies_.clear();
}

void Engine::Commit(const StepRequest& r) {
  Sequence& s = sequences_[r.seq];
  s.tokens.insert(s.tokens.end(), r.tokens.begin(), r.tokens.end());
  const std::span<const int32_t> tokens = s.tokens;
  for (; (s.published + 1) * kKvBlock <= tokens.size(); ++s.published) {
    cache_.Publish(s.blocks, s.published, tokens.subspan(s.published * kKvBlock, kKvBlock));
  }
  if (!cache_.KeepsSnapshots() || tokens.size() % kKvBlock != 0) return;
  const bool generating = r.tokens.size() == 1;
  if (generating && s.last_snapshot >= 0) cache_.DropSnapshot(s.last_snapshot);  // one snapshot a growing end is enough
  if (cache_.Snapshot(s.blocks[s.published - 1], r.seq) && generating) s.last_snapshot = s.blocks[s.published - 1];
}

Result<LogitRows> Engine::Step(std::span<const StepRequest> requests) {
  TRY_OK(AdmitStep(requests));
  size_t tokens = 0;
  for (const StepRequest& r : requests) tokens += r.tokens.size();
  team_.UseLanes(tuner_.Lanes(tokens));
  const bool alone = RunsAlone(requests);
  for (const StepRequest& r : requests) Reserve(r);
  ForgetWants(requests);
  for (const Copy& c : copies_) wants_[c.from] = 0;
  PlanStep(requests, alone);
  const auto start = std::chrono::steady_clock::now();
  Forward(alone);
  tuner_.Took(tokens, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  for (const StepRequest& r : requests) {
    Commit(r);
    stats_.computed_tokens += r.tokens.size();
  }
  ++stats_.steps;
  assert(CheckBlocks());
  return LogitRows(rows_, model_.info().vocab);
}

Status Engine::CheckBlocks() const {
  std::vector<std::span<const int32_t>> tables;
  for (size_t i = 0; i < sequences_.size(); ++i) {
    const Sequence& s = sequences_[i];
    tables.push_back(s.blocks);
    if (s.blocks.size() != (s.tokens.size() + kKvBlock - 1) / kKvBlock) {
      return Error{Code::kBug, Fmt("sequence %zu holds %zu tokens in %zu blocks", i, s.tokens.size(), s.blocks.size())};
    }
  }
  return cache_.Check(tables);
}

}  // namespace hasten
