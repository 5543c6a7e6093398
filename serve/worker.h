// The thread that owns one loaded model's engine: it receives jobs, admits, picks, runs and publishes; everybody else sends
// messages. Without work it sleeps.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "chat/chat_format.h"
#include "engine/constraint/constraint.h"
#include "engine/draft_model.h"
#include "engine/scheduler.h"
#include "formats/gguf.h"
#include "models/model.h"
#include "tokenizer/tokenizer.h"

namespace hasten {

// Processors are shared by all models: one runs a step at a time, in the order in which they came.
class Turn {
 public:
  void Take();
  void Give();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t next_ = 0, serving_ = 0;
};

struct WorkerOptions {
  size_t context = 0, memory_bytes = 0;  // as EngineOptions have them
  size_t max_sequences = 16;
  size_t queue = HASTEN_QUEUE;  // jobs that may wait
  bool choose_threads = false;  // EngineOptions::choose_lanes
  PackCacheOptions pack_cache = {};
  KvType kv_type = EngineOptions().kv_type;
  size_t most_drafted = 0;                     // speculation: tokens guessed for a text in a step
  bool ngram = true;                           // by copies from the text so far
  bool weigh_guesses = true;                   // SchedulerOptions::weigh
  std::string draft = {};                      // and by this smaller model, where it has the same vocabulary
  std::string cache_folder = {};               // prefixes are kept there, too; empty: only in memory
  size_t cache_bytes = 0;                      // of that folder
  std::vector<ConstraintPart> otherwise = {};  // what the text has to be where a request says nothing of it; empty: any text
};

class Worker {
 public:
  // Loads the model with a team of its own; steps run on `team`, by turns.
  static Result<std::unique_ptr<Worker>> Load(const Gguf& file, Team& team, Turn& turn, const WorkerOptions& options);
  ~Worker();
  void Stop();  // cancels what runs and ends the thread; nothing is taken from then on. Not from a job's events.

  // From any thread. kBadInput as Scheduler::Check; kExhausted where the queue is full. `job.tell` is called by the worker.
  Result<JobId> Submit(Job job);
  void Cancel(JobId id);
  void CancelAll();
  void Ask(std::function<void(const Scheduler&)> question);  // between two steps

  const Tokenizer& tokenizer() const { return tokenizer_; }
  std::shared_ptr<const ConstraintVocab> vocab();  // made when first asked for
  const ChatFormat& chat() const { return chat_; }
  const ModelInfo& info() const { return model_->info(); }
  const std::vector<ConstraintPart>& otherwise() const { return options_.otherwise; }
  size_t context() const { return engine_->context(); }
  size_t max_sequences() const { return engine_->max_sequences(); }
  size_t outstanding() const { return outstanding_; }  // jobs that have not ended
  size_t bytes() const;                                // weights, keys and values, states
  double RetryAfterSeconds() const;                    // a guess, from how long jobs took lately
  JobClock::time_point last_used() const { return JobClock::time_point(JobClock::duration(last_used_.load())); }

 private:
  Worker(const Gguf& file, Team& team, Turn& turn, const WorkerOptions& options, Tokenizer tokenizer, ChatFormat chat,
         std::unique_ptr<Model> model, std::unique_ptr<Engine> engine, std::unique_ptr<DraftModel> draft,
         std::unique_ptr<PrefixStore> store);
  void Send(std::function<void(Scheduler&)> message);
  void Run(Team& team);
  void Ended(double seconds);

  const Gguf file_;  // weights that are used as they stand in the file are views of it
  Turn& turn_;
  const WorkerOptions options_;
  const Tokenizer tokenizer_;
  const ChatFormat chat_;
  std::once_flag vocab_once_;
  std::shared_ptr<const ConstraintVocab> vocab_;
  const std::unique_ptr<Model> model_;
  const std::unique_ptr<Engine> engine_;
  const std::unique_ptr<DraftModel> draft_;   // may be null
  const std::unique_ptr<PrefixStore> store_;  // may be null
  Scheduler scheduler_;
  std::atomic<JobId> last_id_ = 0;
  std::atomic<size_t> outstanding_ = 0;
  std::atomic<double> job_s_ = 1;
  std::atomic<JobClock::rep> last_used_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable arrived_;
  std::vector<std::function<void(Scheduler&)>> messages_;
  bool stop_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace hasten
