#include "engine/scheduler.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/random.h"
#include "engine/guesser.h"
#include "engine/model_drafter.h"
#include "engine/ngram_drafter.h"

namespace hasten {

struct Scheduler::Branch {
  Branch(const Tokenizer& tokenizer, TextOptions options) : stream(tokenizer, std::move(options)) {}
  SequenceId seq = -1;   // -1: holds nothing
  bool follows = false;  // waits until the first branch has read the prompt
  bool done = false;
  std::vector<Token> tokens;   // prompt and text
  std::vector<Token> request;  // the last token and a guess at what follows
  TextStream stream;
  Guesser guesser;
};

struct Scheduler::Live {
  JobId id = 0;
  Job job;
  std::vector<Branch> branches;
  bool started = false;  // kStarted has been said, or is due when the prompt has been read
  bool prompt_read = false, over = false;
  size_t cached = 0, generated = 0, drafted = 0, accepted = 0;
  std::vector<TextToken> prompt{};  // with logprobs, as far as it has been read
  std::vector<float> embedding{};   // of a job that pools, once it is whole
  std::vector<double> pooled{};     // the sum of hidden states so far, in the order of the tokens; or the last one
  JobClock::time_point arrived = JobClock::now();
  JobTimes times = {};
};

static double SecondsSince(JobClock::time_point t) { return std::chrono::duration<double>(JobClock::now() - t).count(); }
static size_t BlocksFor(size_t tokens) { return (tokens + kKvBlock - 1) / kKvBlock; }

Scheduler::Scheduler(Engine& engine, const Tokenizer& tokenizer, const SchedulerOptions& options)
    : engine_(engine), tokenizer_(tokenizer), options_(options), chunk_(engine.max_rows()) {
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
  branch.guesser = {};
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
                 .drafted_tokens = live.drafted,
                 .accepted_tokens = live.accepted,
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
  // What the disk has comes in pieces, so that nobody's text waits for long.
  constexpr size_t kRecalled = 16;
  if (!uncached && engine_.Recall(branch.tokens, branches() > 0 ? kRecalled : size_t(-1))) return Started::kLater;
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

// The token chosen last, and a guess at what follows where nobody else needs the rows.
Scheduler::Pick Scheduler::TextPick(Live& live, Branch& branch, size_t spare_rows) {
  branch.request.assign(1, branch.tokens.back());
  const bool pools = live.job.pooling.has_value();
  Pick pick = {.live = &live,
               .branch = &branch,
               .request = {.seq = branch.seq, .tokens = {}, .hidden = pools},
               .drafted = live.prompt_read ? Guess(branch, spare_rows) : 0};
  pick.request.tokens = branch.request;
  pick.request.logits = pools ? 0 : branch.request.size();
  constexpr size_t kFew = 1024;  // tokens whose rows of the output head are computed one by one
  if (pick.drafted == 0) pick.request.candidates = branch.stream.Candidates(kFew);
  return pick;
}

// Appends to the branch's request; returns how many tokens. What can go wrong with a guess is no reason to stop a text.
size_t Scheduler::Guess(Branch& branch, size_t most) {
  const TextOptions& text = branch.stream.options();
  const size_t left = std::min(text.max_tokens - branch.stream.generated(), engine_.context() - branch.tokens.size() + 1);
  most = std::min({most, options_.most_drafted, left - 1});
  if (most == 0 || !engine_.goes_back()) return 0;
  if (!branch.guesser.any()) {
    if (options_.ngram) branch.guesser.Use(std::make_unique<NgramDrafter>());
    if (options_.draft) {
      const auto choose = [sampler = Sampler(text.sampler)](auto logits, auto so_far) mutable {
        return sampler.Sample(logits, so_far, so_far.size());
      };
      if (auto drafter = ModelDrafter::Create(*options_.draft, choose, branch.tokens)) branch.guesser.Use(*std::move(drafter));
    }
  }
  const auto texts = double(std::max<size_t>(branches(), 1));
  GuessPrice price;
  if (options_.weigh) price = {.row = cost_.OfRowBeside(texts), .pass_s = cost_.OfPass(texts) / texts};
  const auto guessed = branch.guesser.Guess(branch.tokens, most, engine_.model_info().vocab, price, branch.request);
  if (!guessed || *guessed == 0 || !engine_.Mark(branch.seq)) {
    branch.request.resize(1);
    return 0;
  }
  return *guessed;
}

void Scheduler::PickStep(bool guess) {
  picks_.clear();
  std::vector<std::pair<Live*, Branch*>> texts;
  size_t reading = 0;
  for (const auto& live : live_) {
    for (Branch& b : live->branches) {
      if (b.seq < 0) continue;
      if (b.tokens.size() - engine_.Length(b.seq) == 1) {
        texts.emplace_back(live.get(), &b);
      } else {
        ++reading;
      }
    }
  }
  // Guesses take what rows of logits are left when everybody has one; with prompts to read, those come first.
  const size_t needed = texts.size() + reading;
  const size_t most = std::min(engine_.max_logit_rows(), engine_.max_rows());
  size_t spare = most - std::min(most, needed), rows = texts.size();
  for (const auto& [live, branch] : texts) {
    picks_.push_back(TextPick(*live, *branch, guess ? spare : 0));
    spare -= picks_.back().drafted;
    rows += picks_.back().drafted;
  }
  if (reading == 0) return;
  const size_t chunk = std::min(chunk_.For(picks_.size()), engine_.max_rows() - std::min(engine_.max_rows(), rows));
  AddChunks(chunk, spare + reading);
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
    picks_.push_back({.live = live,
                      .branch = branch,
                      .request = {.seq = branch->seq,
                                  .tokens = std::span<const Token>(branch->tokens).subspan(length, end - length),
                                  .logits = logits,
                                  .hidden = hidden},
                      .reads = true});
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
  for (bool guess = true;;) {
    PickStep(guess);
    if (picks_.empty()) break;
    requests_.clear();
    size_t texts = 0, rows = 0;
    for (const Pick& pick : picks_) {
      requests_.push_back(pick.request);
      (pick.reads ? rows : texts) += pick.request.tokens.size();
    }
    const auto start = JobClock::now();
    const auto step = engine_.Step(requests_);
    const double seconds = SecondsSince(start);
    if (step) {
      ++stats_.steps;
      stats_.busy_s += seconds;
      chunk_.Note(texts, rows, seconds);
      if (rows == 0) cost_.Learn(double(texts), seconds);
      Publish(*step);
      Sweep();
      return !live_.empty();
    }
    if (step.error().code == Code::kExhausted) {
      // No memory for guesses is no reason to set a text aside.
      if (std::exchange(guess, false) && std::ranges::any_of(picks_, [](const Pick& p) { return p.drafted > 0; })) continue;
      if (Preempt()) continue;
    }
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
    if (live.job.prompt_logprobs && !live.prompt_read) PublishPrompt(pick, rows, first);
    if (pick.drafted > 0) {
      Check(pick, rows, first);
    } else if (engine_.Length(pick.branch->seq) == pick.branch->tokens.size()) {
      ReadDone(live, *pick.branch, rows[row - 1]);
    }
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

void Scheduler::PublishPrompt(const Pick& pick, const LogitRows& rows, size_t first) {
  Live& live = *pick.live;
  const size_t count = pick.request.logits, length = engine_.Length(pick.branch->seq);  // after the step
  for (size_t i = 0; i < count; ++i) {
    const size_t next = length - count + i + 1;
    if (next >= pick.branch->tokens.size()) break;
    const Token token = pick.branch->tokens[next];
    live.prompt.push_back({token, LogprobsOf(rows[first + i], token, live.job.text.logprobs.value_or(0))});
  }
}

// Each row that was read behind nothing but the text itself gives the very choice that reading token by token would have given
// (engine/writer.h). What was guessed behind the last such row is forgotten.
void Scheduler::Check(const Pick& pick, const LogitRows& rows, size_t first) {
  Live& live = *pick.live;
  Branch& branch = *pick.branch;
  const size_t begin = branch.tokens.size(), read = begin + pick.drafted;  // tokens known, and the sequence's length
  const size_t index = size_t(&branch - live.branches.data());
  size_t agreed = begin;
  while (agreed == branch.tokens.size() && agreed <= read && !branch.done && !live.over) {
    Choose(live, index, rows[first + agreed - begin]);
    const std::span<const Token> guess = std::span<const Token>(branch.request).subspan(1);
    while (agreed < std::min(read, branch.tokens.size()) && guess[agreed - begin] == branch.tokens[agreed]) ++agreed;
  }
  live.drafted += pick.drafted;
  stats_.drafted_tokens += pick.drafted;
  live.accepted += agreed - begin;
  stats_.accepted_tokens += agreed - begin;
  branch.guesser.Learn(agreed - begin);
  if (branch.done || live.over || agreed == read) return;
  if (const auto left = engine_.Truncate(branch.seq, agreed); !left) EndJob(live, Finish::kFailed, left.error());
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
  const auto forced =
      branch.stream.TakeForced(engine_.context() + 1 - std::min(engine_.context() + 1, branch.tokens.size()), event.piece);
  branch.tokens.insert(branch.tokens.end(), forced.begin(), forced.end());
  live.generated += forced.size();
  stats_.generated_tokens += forced.size();
  stats_.forced_tokens += forced.size();
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
                     .drafted_tokens = live->drafted,
                     .accepted_tokens = live->accepted,
                     .branches = live->branches.size(),
                     .priority = live->job.priority,
                     .seconds = SecondsSince(live->arrived),
                     .texts = std::move(texts)});
  }
  return views;
}

}  // namespace hasten
