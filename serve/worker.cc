#include "serve/worker.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/processor.h"

namespace hasten {

void Turn::Take() {
  std::unique_lock lock(mutex_);
  const uint64_t mine = next_++;
  changed_.wait(lock, [&] { return serving_ == mine; });
}

void Turn::Give() {
  {
    const std::lock_guard lock(mutex_);
    ++serving_;
  }
  changed_.notify_all();
}

// One draft model serves all models of its family; the others do without it.
static Result<std::unique_ptr<DraftModel>> LoadDraft(const WorkerOptions& options, Team& loading, Team& team,
                                                     const Tokenizer& tokenizer, const Engine& engine) {
  if (options.most_drafted == 0 || options.draft.empty()) return std::unique_ptr<DraftModel>();
  auto draft = DraftModel::Load(
      options.draft, loading, team, tokenizer, options.pack_cache,
      {.context = engine.context(), .memory_bytes = options.memory_bytes, .max_sequences = options.max_sequences});
  if (draft || draft.error().code != Code::kBadInput) return draft;
  std::fprintf(stderr, "hasten: %s; it is served without\n", draft.error().what.c_str());
  return std::unique_ptr<DraftModel>();
}

static Result<std::unique_ptr<Engine>> MakeEngine(const Model& model, Team& team, const WorkerOptions& options) {
  EngineOptions engine = {
      .context = options.context,
      .memory_bytes = options.memory_bytes,
      .kv_type = options.kv_type,
      .max_sequences = options.max_sequences,
      // Beside a row for each sequence, some for guesses and for prompts whose every token wants its logits.
      .max_logit_rows = 2 * options.max_sequences + 16,
      .marks = options.most_drafted > 0,
      .choose_lanes = options.choose_threads};
  auto made = Engine::Create(model, team, engine);
  if (made || !engine.marks || model.info().state_floats == 0) return made;
  engine.marks = false;  // no memory for a second recurrent state of each sequence: nothing is guessed then
  return Engine::Create(model, team, engine);
}

static Result<std::unique_ptr<PrefixStore>> OpenStore(const Gguf& file, const WorkerOptions& options, const Engine& engine) {
  if (options.cache_folder.empty()) return std::unique_ptr<PrefixStore>();
  const PrefixBlockShape shape = engine.StoredShape();
  const std::string format =
      Fmt("kv type %d, %zu tokens, %zu and %zu bytes", int(engine.kv_type()), shape.tokens, shape.kv_bytes, shape.state_bytes);
  TRY(const Fingerprint maker, FingerprintOfMaker(FingerprintOfModel(file), format));
  return PrefixStore::Open(
      {.folder = options.cache_folder,
       .most_bytes = options.cache_bytes,
       .warn = [](const std::string& what) { std::fprintf(stderr, "hasten: warning: %s\n", what.c_str()); }},
      maker, shape);
}

Result<std::unique_ptr<Worker>> Worker::Load(const Gguf& file, Team& team, Turn& turn, const WorkerOptions& options) {
  TRY(Tokenizer tokenizer, Tokenizer::Load(file));
  auto chat = ChatFormat::Load(file, tokenizer);
  if (!chat) chat = ChatFormat::Create({});  // a template that is broken is no reason not to serve
  if (!chat) return chat.error();
  // Not `team`: another model may be running on it.
  Team loading(team.size());
  LoadOptions load;
  load.context = options.context;
  load.pack_cache = options.pack_cache;
  TRY(auto model, LoadModel(file, loading, load));
  TRY(auto engine, MakeEngine(*model, team, options));
  TRY(auto draft, LoadDraft(options, loading, team, tokenizer, *engine));
  TRY(auto store, OpenStore(file, options, *engine));
  engine->UseStore(store.get());
  return std::unique_ptr<Worker>(new Worker(file, team, turn, options, std::move(tokenizer), *std::move(chat), std::move(model),
                                            std::move(engine), std::move(draft), std::move(store)));
}

Worker::Worker(const Gguf& file, Team& team, Turn& turn, const WorkerOptions& options, Tokenizer tokenizer, ChatFormat chat,
               std::unique_ptr<Model> model, std::unique_ptr<Engine> engine, std::unique_ptr<DraftModel> draft,
               std::unique_ptr<PrefixStore> store)
    : file_(file),
      turn_(turn),
      options_(options),
      tokenizer_(std::move(tokenizer)),
      chat_(std::move(chat)),
      model_(std::move(model)),
      engine_(std::move(engine)),
      draft_(std::move(draft)),
      store_(std::move(store)),
      scheduler_(*engine_, tokenizer_,
                 {.most_drafted = options.most_drafted,
                  .ngram = options.ngram,
                  .draft = draft_ ? &draft_->engine() : nullptr,
                  .weigh = options.weigh_guesses}),
      last_used_(JobClock::now().time_since_epoch().count()),
      thread_([this, &team] { Run(team); }) {}

Worker::~Worker() { Stop(); }

void Worker::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  arrived_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const ConstraintVocab> Worker::vocab() {
  std::call_once(vocab_once_, [&] { vocab_ = ConstraintVocab::Create(tokenizer_); });
  return vocab_;
}

size_t Worker::bytes() const {
  const MemoryPlan& plan = engine_->memory_plan();
  const size_t states = (plan.states + plan.snapshots) * info().state_floats * sizeof(float);
  return info().weight_bytes + plan.blocks * plan.block_bytes * info().kv_layers + states + (draft_ ? draft_->bytes() : 0);
}

double Worker::RetryAfterSeconds() const {
  return std::clamp(job_s_ * double(outstanding_) / double(max_sequences()), 1.0, 600.0);
}

void Worker::Ended(double seconds) {
  --outstanding_;
  job_s_ = 0.9 * job_s_ + 0.1 * seconds;
  last_used_ = JobClock::now().time_since_epoch().count();
}

Result<JobId> Worker::Submit(Job job) {
  TRY_OK(Scheduler::Check(job, context(), max_sequences(), info().vocab));
  const size_t most = options_.queue + max_sequences();
  size_t before = outstanding_;
  do {
    if (before >= most) {
      return Error{Code::kExhausted, Fmt("%zu requests run or wait, and no more than %zu may: try again later", before, most)};
    }
  } while (!outstanding_.compare_exchange_weak(before, before + 1));
  const JobId id = ++last_id_;
  job.tell = [this, tell = std::move(job.tell)](JobEvent&& event) {
    if (event.kind == JobEvent::Kind::kDone) Ended(event.times.total_s);
    tell(std::move(event));
  };
  Send([id, shared = std::make_shared<Job>(std::move(job))](Scheduler& scheduler) {
    const auto tell = shared->tell;
    if (const Status taken = scheduler.Submit(id, std::move(*shared)); !taken)
      tell({.kind = JobEvent::Kind::kDone, .finish = Finish::kFailed, .error = taken.error()});
  });
  return id;
}

void Worker::Cancel(JobId id) {
  Send([id](Scheduler& scheduler) { scheduler.Cancel(id); });
}

void Worker::CancelAll() {
  Send([](Scheduler& scheduler) { scheduler.CancelAll(); });
}

void Worker::Ask(std::function<void(const Scheduler&)> question) {
  Send([question = std::move(question)](Scheduler& scheduler) { question(scheduler); });
}

void Worker::Send(std::function<void(Scheduler&)> message) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  arrived_.notify_one();
}

void Worker::Run(Team& team) {
  turn_.Take();
  team.UseLanes(team.size());
  team.Run([](const Lane& lane) { KeepToProcessor(lane.index(), lane.count()); });
  turn_.Give();
  std::vector<std::function<void(Scheduler&)>> messages;
  for (bool busy = false;;) {
    bool stop = false;
    {
      std::unique_lock lock(mutex_);
      if (!busy) arrived_.wait(lock, [&] { return stop_ || !messages_.empty(); });
      messages.swap(messages_);
      stop = stop_;
    }
    for (const auto& message : messages) message(scheduler_);
    messages.clear();
    if (stop) return scheduler_.CancelAll();
    if (scheduler_.idle()) {
      if (const Status sound = engine_->CheckBlocks(); busy && !sound)
        std::fprintf(stderr, "hasten: a defect, please report it: %s\n", sound.error().what.c_str());
      busy = false;
      continue;
    }
    turn_.Take();
    busy = scheduler_.RunStep();
    turn_.Give();
  }
}

}  // namespace hasten
