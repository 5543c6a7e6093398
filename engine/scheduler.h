// Many jobs over one engine: which wait, which run, and what of each goes into the next step ("continuous batching").
//
// A job's branches each need what they have not read yet: the rest of a prompt, or the token just chosen. A step takes one
// token of every branch that is writing, and splits a chunk of rows evenly among those that still read (engine/chunk_size.h):
// a short prompt is never behind all of a long one, and a long one always moves on. Jobs start by priority, then in order of
// arrival. Where memory runs out the branch that came last gives its blocks back and reads its tokens again later; random
// numbers depend on (seed, position) alone, so its text is the same.
//
// One thread calls it at a time. Engine and tokenizer are borrowed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/chunk_size.h"
#include "engine/draft_length.h"
#include "engine/engine.h"
#include "engine/job.h"

namespace hasten {

using JobId = uint64_t;

struct SchedulerStats {
  size_t jobs = 0, cancelled = 0, failed = 0;  // ended
  size_t prompt_tokens = 0, cached_tokens = 0, generated_tokens = 0;
  size_t forced_tokens = 0;                        // of the generated ones, that nobody had to choose
  size_t drafted_tokens = 0, accepted_tokens = 0;  // guessed, and of these chosen (docs/speculation.md)
  size_t steps = 0, preemptions = 0;
  double busy_s = 0;
};

// One job as it stands, for people who watch.
struct JobView {
  JobId id;
  enum class Phase : uint8_t { kWaiting, kReading, kWriting } phase;
  size_t prompt_tokens, cached_tokens, read_tokens, generated_tokens, drafted_tokens, accepted_tokens, branches;
  int priority;
  double seconds;  // since it came
  struct Branch {
    size_t generated_tokens;
    bool done;
  };
  std::vector<Branch> texts;
};

// Who guesses how texts go on. Recurrent models need EngineOptions::marks for it; texts are the same bytes without.
struct SchedulerOptions {
  size_t most_drafted = 0;  // tokens of one text in a step; 0: nothing is guessed
  bool ngram = true;        // copies from the text so far
  Engine* draft = nullptr;  // a smaller model's, borrowed; with as many sequences
  bool weigh = true;        // a guess has to promise more than a row was measured to cost; else all are made
};

class Scheduler {
 public:
  Scheduler(Engine& engine, const Tokenizer& tokenizer, const SchedulerOptions& options = {});
  ~Scheduler();

  // Whether a job could run were it alone; says with the numbers why not. Thread-safe.
  static Status Check(const Job& job, size_t context, size_t max_sequences, size_t vocab);

  // kBadInput as Check. Its events come from calls of RunStep and Cancel.
  Status Submit(JobId id, Job job);
  void Cancel(JobId id);  // unknown ids are ignored: it may have ended meanwhile
  void CancelAll();
  bool RunStep();  // false: there is nothing to do
  bool idle() const { return live_.empty(); }

  size_t running() const;
  size_t waiting() const { return live_.size() - running(); }
  size_t branches() const;  // that hold blocks
  const SchedulerStats& stats() const { return stats_; }
  std::vector<JobView> View() const;
  const Engine& engine() const { return engine_; }
  size_t prompt_chunk() const { return chunk_.For(branches()); }  // tokens of prompts in one step

 private:
  struct Branch;
  struct Live;
  struct Pick {
    Live* live;
    Branch* branch;
    StepRequest request;
    size_t drafted = 0;  // tokens at the request's end
    bool reads = false;  // a prompt's chunk, of one token even
  };

  void Expire();
  void Start();
  enum class Started : uint8_t { kYes, kLater, kNoRoom };
  Started TryStart(Live& live, Branch& branch);
  bool SharesWhatIsBeingRead(const Branch& branch) const;
  size_t PromisedBlocks() const;
  size_t SlotsTaken() const;
  void PickStep(bool guess);
  Pick TextPick(Live& live, Branch& branch, size_t spare_rows);
  size_t Guess(Branch& branch, size_t most);
  void AddChunks(size_t rows, size_t logit_rows);
  bool Preempt();
  void Publish(const LogitRows& rows);
  void Pool(Live& live, Branch& branch, std::span<const std::span<const float>> rows);
  void PublishPrompt(const Pick& pick, const LogitRows& rows, size_t first);
  void ReadDone(Live& live, Branch& branch, std::span<const float> logits);
  void Check(const Pick& pick, const LogitRows& rows, size_t first);
  void Choose(Live& live, size_t index, std::span<const float> logits);
  void CloseBranch(Branch& branch);
  void FinishBranch(Live& live, size_t index);
  void EndJob(Live& live, Finish finish, std::optional<Error> error = {});
  void Sweep();
  Live* Find(JobId id);

  Engine& engine_;
  const Tokenizer& tokenizer_;
  const SchedulerOptions options_;
  std::vector<LogitBias> never_end_;         // biases that forbid all tokens that end a text
  std::vector<std::unique_ptr<Live>> live_;  // by priority, then arrival
  std::vector<Pick> picks_;
  std::vector<StepRequest> requests_;
  ChunkSize chunk_;
  PassCost cost_;  // of steps without prompts
  SchedulerStats stats_;
};

}  // namespace hasten
