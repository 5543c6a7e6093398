#include "engine/scheduler.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/random.h"

namespace hasten {

struct Scheduler::Branch {
  Branch(const Tokenizer& tokenizer, TextOptions options) : stream(tokenizer, std::move(options)) {}
  SequenceId seq = -1;   // -1: holds nothing
  bool follows = false;  // waits until the first branch has read the prompt
  bool done = false;
  std::vector<Token> tokens;  // prompt and text
  TextStream stream;
};

struct Scheduler::Live {
  JobId id = 0;
  Job job;
  std::vector<Branch> branches;
  bool started = false;  // kStarted has been said, or is due when the prompt has been read
  bool prompt_read = false, over = false;
  size_t cached = 0, generated = 0;
  std::vector<TextToken> prompt{};  // with logprobs, as far as it has been read
  std::vector<float> embedding{};   // of a job that pools, once it is whole
  std::vector<double> pooled{};     // the sum of hidden states so far, in the order of the tokens; or the last one
  JobClock::time_point arrived = JobClock::now();
  JobTimes times = {};
};

static double SecondsSince(JobClock::time_point t) { return std::chrono::duration<double>(JobClock::now() - t).count(); }
static size_t BlocksFor(size_t tokens) { return (tokens + kKvBlock - 1) / kKvBlock; }

Scheduler::Scheduler(Engine& engine, const Tokenizer& tokenizer)
    : engine_(engine), tokenizer_(tokenizer), chunk_(engine.max_rows()) {
  for (size_t t = 0; t < tokenizer.size(); ++t)
    if (tokenizer.EndsGeneration(Token(t))) never_end_.push_back({Token(t), -std::numeric_limits<float>::infinity()});
}

Scheduler::~Scheduler() = default;

// ------------------------------------------------------------------------------------------------------ coming and going

Status Scheduler::Check(const Job& job, size_t context, size_t max_sequences, size_t vocab) {
  if (job.prompt.empty()) return Error{Code::kBadInput, "the prompt is empty, and this model has no token to begin with"};
  if (job.prompt.size() > context) {
    return Error{Code::kBadInput, Fmt("the prompt has %zu tokens and the context is %zu tokens long: shorten the prompt or "
                                      "start the server with a longer context (--ctx)",
                                      job.prompt.size(), context)};
  }
  if (job.branches == 0 || job.branches > max_sequences) {
    return Error{Code::kBadInput, Fmt("%zu texts at once were asked for, and it can be 1 to %zu", job.branches, max_sequences)};
  }
  for (const Token t : job.prompt) {
    if (size_t(uint32_t(t)) >= vocab)
      return Error{Code::kBadInput, Fmt("token %d is not in the vocabulary of %zu tokens", t, vocab)};
  }
  if (job.text.logprobs && *job.text.logprobs > vocab) {
    return Error{Code::kBadInput,
                 Fmt("%zu likeliest tokens were asked for and the vocabulary has %zu", *job.text.logprobs, vocab)};
  }
  return CheckSampler(job.text.sampler, vocab);
}

Status Scheduler::Submit(JobId id, Job job) {
  TRY_OK(Check(job, engine_.context(), engine_.max_sequences(), engine_.model_info().vocab));
  auto live = std::make_unique<Live>();
  live->id = id;
  if (job.ignore_end) job.text.sampler.biases.insert(job.text.sampler.biases.end(), never_end_.begin(), never_end_.end());
  live->branches.reserve(job.branches);
  for (size_t i = 0; i < job.branches; ++i) {
    TextOptions options = job.text;
    if (i > 0) options.sampler.seed = RandomBits(job.text.sampler.seed, i);
    live->branches.emplace_back(tokenizer_, std::move(options));
    live->branches.back().tokens = job.prompt;
    live->branches.back().follows = i > 0;
  }
  live->job = std::move(job);
  const auto at = std::ranges::upper_bound(live_, live->job.priority, {}, [](const auto& l) { return l->job.priority; });
  live_.insert(at, std::move(live));
  return {};
}

Scheduler::Live* Scheduler::Find(JobId id) {
  const auto at = std::ranges::find(live_, id, [](const auto& l) { return l->id; });
  return at == live_.end() ? nullptr : at->get();
}

void Scheduler::Cancel(JobId id) {
  if (Live* live = Find(id)) EndJob(*live, Finish::kCancelled);
  Sweep();
}

void Scheduler::CancelAll() {
  for (const auto& live : live_) EndJob(*live, Finish::kCancelled);
  Sweep();
}

void Scheduler::Expire() {
  for (const auto& live : live_) {
    if (!live->job.deadline || JobClock::now() < *live->job.deadline) continue;
    for (size_t i = 0; i < live->branches.size(); ++i) {
      Branch& branch = live->branches[i];
      if (branch.done) continue;
      JobEvent event = {.kind = JobEvent::Kind::kText, .branch = i};
      branch.stream.End(Finish::kTime, event.piece);
      if (!event.piece.text.empty()) live->job.tell(std::move(event));
      FinishBranch(*live, i);
    }
    EndJob(*live, Finish::kTime);
  }
  Sweep();
}

void Scheduler::CloseBranch(Branch& branch) {
  if (branch.seq >= 0) engine_.Close(branch.seq);
  branch.seq = -1;
}

void Scheduler::FinishBranch(Live& live, size_t index) {
  Branch& branch = live.branches[index];
  branch.done = true;
  CloseBranch(branch);
  live.job.tell({.kind = JobEvent::Kind::kFinished,
                 .branch = index,
                 .finish = branch.stream.finish().value_or(Finish::kLength),
                 .stop = branch.stream.stop(),
                 .generated_tokens = branch.stream.generated(),
                 .thought_tokens = branch.stream.thought_tokens()});
  if (std::ranges::all_of(live.branches, &Branch::done)) EndJob(live, branch.stream.finish().value_or(Finish::kLength));
}

void Scheduler::EndJob(Live& live, Finish finish, std::optional<Error> error) {
  if (live.over) return;
  live.over = true;
  for (Branch& branch : live.branches) CloseBranch(branch);
  ++stats_.jobs;
  stats_.cancelled += finish == Finish::kCancelled;
  stats_.failed += finish == Finish::kFailed;
  live.times.total_s = SecondsSince(live.arrived);
  live.job.tell({.kind = JobEvent::Kind::kDone,
                 .finish = finish,
                 .generated_tokens = live.generated,
                 .times = live.times,
                 .error = std::move(error),
                 .embedding = std::move(live.embedding)});
}

void Scheduler::Sweep() {
  std::erase_if(live_, [](const auto& live) { return live->over; });
}

// ------------------------------------------------------------------------------------------------------ who may start

size_t Scheduler::SlotsTaken() const {
  size_t taken = 0;
  for (const auto& live : live_) {
    const bool trunk_open = live->branches[0].seq >= 0;
    for (const Branch& b : live->branches) taken += b.seq >= 0 || (b.follows && trunk_open);
  }
  return taken;
}

// Blocks that open branches will need for tokens they already have.
size_t Scheduler::PromisedBlocks() const {
  size_t blocks = 0;
  for (const auto& live : live_)
    for (const Branch& b : live->branches)
      if (b.seq >= 0) blocks += BlocksFor(b.tokens.size() + 1) - BlocksFor(engine_.Length(b.seq));
  return blocks;
}

// Whether somebody is reading a text right now that begins like this one, beyond what is cached of it: then waiting until
// they are past it is cheaper than reading it twice.
bool Scheduler::SharesWhatIsBeingRead(const Branch& branch) const {
  const size_t cached = engine_.Cached(branch.tokens);
  for (const auto& live : live_) {
    const Branch& other = live->branches[0];
    if (other.seq < 0 || live->prompt_read) continue;
    const auto [mine, theirs] = std::ranges::mismatch(branch.tokens, other.tokens);
    const size_t common = size_t(mine - branch.tokens.begin());
    const size_t findable = std::min(common, branch.tokens.size() - 1) / kKvBlock * kKvBlock;
    if (findable > cached && findable > engine_.Length(other.seq)) return true;
  }
  return false;
}

Scheduler::Started Scheduler::TryStart(Live& live, Branch& branch) {
  const bool trunk = !live.prompt_read;
  const size_t slots = trunk ? live.branches.size() : 1;
  if (SlotsTaken() + slots > engine_.max_sequences()) return Started::kNoRoom;
  const bool uncached = trunk && (live.job.prompt_logprobs || live.job.pooling == Pooling::kMean);
  if (trunk && !uncached && SharesWhatIsBeingRead(branch)) return Started::kLater;
  const std::span<const Token> tokens = branch.tokens;
  const auto opened = engine_.Open(uncached ? tokens.first(0) : tokens, uncached ? tokens.size() : 0, PromisedBlocks());
  if (!opened) return Started::kNoRoom;
  branch.seq = *opened;
  if (trunk) {
    live.prompt.clear();
    live.pooled.clear();
    if (!live.started) {
      live.started = true;
      live.cached = engine_.Length(branch.seq);
      live.times.waited_s = SecondsSince(live.arrived);
      stats_.prompt_tokens += live.job.prompt.size();
      stats_.cached_tokens += live.cached;
    }
  }
  return Started::kYes;
}

// In order, and nobody overtakes one that does not fit yet: a large job among many small ones would never start.
void Scheduler::Start() {
  for (const auto& live : live_) {
    for (Branch& branch : live->branches) {
      if (branch.done || branch.follows || branch.seq >= 0) continue;
      const Started started = TryStart(*live, branch);
      if (started == Started::kNoRoom) return;
    }
  }
}

// ------------------------------------------------------------------------------------------------------ what a step holds

void Scheduler::PickStep() {
  picks_.clear();
  size_t reading = 0;
  for (const auto& live : live_) {
    for (Branch& b : live->branches) {
      if (b.seq < 0) continue;
      const size_t rest = b.tokens.size() - engine_.Length(b.seq);
      if (rest == 1) {
        picks_.push_back({live.get(),
                          &b,
                          {.seq = b.seq,
                           .tokens = std::span(b.tokens).last(1),
                           .logits = !live->job.pooling,
                           .hidden = live->job.pooling.has_value()}});
      } else {
        ++reading;
      }
    }
  }
  if (reading == 0) return;
  const size_t rows = std::min(chunk_.For(picks_.size()), engine_.max_rows() - std::min(engine_.max_rows(), picks_.size()));
  AddChunks(rows, engine_.max_logit_rows() - std::min(engine_.max_logit_rows(), picks_.size()));
}

// Shares `rows` among the branches that read: an even part each, and what one does not need goes to the next.
void Scheduler::AddChunks(size_t rows, size_t logit_rows) {
  std::vector<std::pair<Live*, Branch*>> readers;
  for (const auto& live : live_)
    for (Branch& b : live->branches)
      if (b.seq >= 0 && b.tokens.size() - engine_.Length(b.seq) > 1) readers.emplace_back(live.get(), &b);
  const auto rest_of = [&](const auto& reader) { return reader.second->tokens.size() - engine_.Length(reader.second->seq); };
  std::ranges::stable_sort(readers, {}, rest_of);  // the shortest first: what they leave is known when the long ones come
  for (size_t i = 0; i < readers.size() && rows > 0 && logit_rows > 0; ++i) {
    auto [live, branch] = readers[i];
    const bool all_logits = live->job.prompt_logprobs && !live->prompt_read;
    size_t share = std::max<size_t>(1, rows / (readers.size() - i));
    if (all_logits) share = std::min(share, logit_rows);
    const size_t length = engine_.Length(branch->seq), total = branch->tokens.size();
    const size_t end = engine_.ChunkEnd(length, total, share);
    const bool pools = live->job.pooling.has_value(), mean = live->job.pooling == Pooling::kMean;
    const size_t logits = pools ? 0 : all_logits ? end - length : end == total;
    const size_t hidden = mean ? end - length : pools && end == total;
    picks_.push_back({live,
                      branch,
                      {.seq = branch->seq,
                       .tokens = std::span<const Token>(branch->tokens).subspan(length, end - length),
                       .logits = logits,
                       .hidden = hidden}});
    rows -= end - length;
    logit_rows -= logits;
  }
}

// The branch that came last gives its blocks back. False where only one is open: it cannot make room for itself.
bool Scheduler::Preempt() {
  if (branches() < 2) return false;
  for (auto live = live_.rbegin(); live != live_.rend(); ++live) {
    for (auto branch = (*live)->branches.rbegin(); branch != (*live)->branches.rend(); ++branch) {
      if (branch->seq < 0) continue;
      CloseBranch(*branch);
      ++stats_.preemptions;
      return true;
    }
  }
  return false;
}

bool Scheduler::RunStep() {
  Expire();
  Start();
  for (;;) {
    PickStep();
    if (picks_.empty()) break;
    requests_.clear();
    size_t texts = 0, rows = 0;
    for (const Pick& pick : picks_) {
      requests_.push_back(pick.request);
      (pick.request.tokens.size() == 1 ? texts : rows) += pick.request.tokens.size();
    }
    const auto start = JobClock::now();
    const auto step = engine_.Step(requests_);
    const double seconds = SecondsSince(start);
    if (step) {
      ++stats_.steps;
      stats_.busy_s += seconds;
      chunk_.Note(texts, rows, seconds);
      Publish(*step);
      Sweep();
      return !live_.empty();
    }
    if (step.error().code == Code::kExhausted && Preempt()) continue;
    for (const Pick& pick : picks_) EndJob(*pick.live, Finish::kFailed, step.error());
    Sweep();
  }
  if (live_.empty()) return false;
  // Nothing runs and the first in line cannot start: it never will.
  const Status reason = Error{Code::kExhausted, "the job does not fit the memory for keys and values: allow more (--memory)"};
  EndJob(*live_.front(), Finish::kFailed, reason.error());
  Sweep();
  return !live_.empty();
}

// ------------------------------------------------------------------------------------------------------ what comes of it

void Scheduler::Publish(const LogitRows& rows) {
  size_t row = 0, hidden = 0;
  for (const Pick& pick : picks_) {
    Live& live = *pick.live;
    hidden += pick.request.hidden;
    if (live.job.pooling) {
      if (!live.over) Pool(live, *pick.branch, engine_.hidden().subspan(hidden - pick.request.hidden, pick.request.hidden));
      continue;
    }
    const size_t first = row, count = pick.request.logits;
    row += count;
    if (count == 0 || live.over) continue;
    const size_t length = engine_.Length(pick.branch->seq);  // after the step
    if (live.job.prompt_logprobs && !live.prompt_read) {
      for (size_t i = 0; i < count; ++i) {
        const size_t next = length - count + i + 1;
        if (next >= pick.branch->tokens.size()) break;
        const Token token = pick.branch->tokens[next];
        live.prompt.push_back({token, LogprobsOf(rows[first + i], token, live.job.text.logprobs.value_or(0))});
      }
    }
    if (length == pick.branch->tokens.size()) ReadDone(live, *pick.branch, rows[row - 1]);
  }
}

// One after another in the order of the tokens, so that a vector does not depend on how its text was split into chunks.
void Scheduler::Pool(Live& live, Branch& branch, std::span<const std::span<const float>> rows) {
  live.pooled.resize(engine_.model_info().width);
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      live.pooled[i] = live.job.pooling == Pooling::kMean ? live.pooled[i] + double(row[i]) : double(row[i]);
  if (engine_.Length(branch.seq) < branch.tokens.size()) return;
  const double count = live.job.pooling == Pooling::kMean ? double(branch.tokens.size()) : 1;
  for (const double v : live.pooled) live.embedding.push_back(float(v / count));
  live.job.tell({.kind = JobEvent::Kind::kStarted, .cached_tokens = live.cached});
  EndJob(live, Finish::kEnd);
}

// All that `branch` has is read: what comes next can be chosen.
void Scheduler::ReadDone(Live& live, Branch& branch, std::span<const float> logits) {
  if (live.prompt_read) return Choose(live, size_t(&branch - live.branches.data()), logits);
  live.prompt_read = true;
  live.job.tell({.kind = JobEvent::Kind::kStarted, .cached_tokens = live.cached, .prompt = std::move(live.prompt)});
  if (live.branches.size() > 1) {
    std::vector<SequenceId> copies(live.branches.size() - 1);
    if (const Status forked = engine_.Fork(branch.seq, copies); !forked) return EndJob(live, Finish::kFailed, forked.error());
    for (size_t i = 1; i < live.branches.size(); ++i) {
      live.branches[i].seq = copies[i - 1];
      live.branches[i].follows = false;
    }
  }
  live.times.first_token_s = SecondsSince(live.arrived);
  for (size_t i = 0; i < live.branches.size() && !live.over; ++i) Choose(live, i, logits);
}

void Scheduler::Choose(Live& live, size_t index, std::span<const float> logits) {
  Branch& branch = live.branches[index];
  if (branch.stream.options().max_tokens == 0) return FinishBranch(live, index);
  JobEvent event = {.kind = JobEvent::Kind::kText, .branch = index};
  const Token token = branch.stream.Choose(logits, branch.tokens, event.piece);
  ++live.generated;
  ++stats_.generated_tokens;
  branch.tokens.push_back(token);
  if (!branch.stream.finish() && branch.tokens.size() > engine_.context()) branch.stream.End(Finish::kContext, event.piece);
  if (!event.piece.text.empty() || !event.piece.tokens.empty()) live.job.tell(std::move(event));
  if (branch.stream.finish()) FinishBranch(live, index);
}

size_t Scheduler::running() const {
  return size_t(std::ranges::count_if(
      live_, [](const auto& live) { return std::ranges::any_of(live->branches, [](const Branch& b) { return b.seq >= 0; }); }));
}

size_t Scheduler::branches() const {
  size_t open = 0;
  for (const auto& live : live_)
    for (const Branch& b : live->branches) open += b.seq >= 0;
  return open;
}

std::vector<JobView> Scheduler::View() const {
  std::vector<JobView> views;
  for (const auto& live : live_) {
    const Branch& trunk = live->branches[0];
    const auto phase = live->prompt_read ? JobView::Phase::kWriting
                       : trunk.seq >= 0  ? JobView::Phase::kReading
                                         : JobView::Phase::kWaiting;
    std::vector<JobView::Branch> texts;
    for (const Branch& b : live->branches) texts.push_back({b.stream.generated(), b.done});
    views.push_back({.id = live->id,
                     .phase = phase,
                     .prompt_tokens = live->job.prompt.size(),
                     .cached_tokens = live->cached,
                     .read_tokens = trunk.seq >= 0 ? engine_.Length(trunk.seq) : 0,
                     .generated_tokens = live->generated,
                     .branches = live->branches.size(),
                     .priority = live->job.priority,
                     .seconds = SecondsSince(live->arrived),
                     .texts = std::move(texts)});
  }
  return views;
}

}  // namespace hasten
