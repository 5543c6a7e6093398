// The jobs of one request, and what becomes of their events: a dialect derives from it and turns events into bytes. All of it
// happens on the reply's thread; when the client leaves, the jobs are cancelled.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "serve/call.h"
#include "serve/worker.h"

namespace hasten {

// What has come of one text so far.
struct Written {
  std::string text;
  std::vector<TextToken> tokens;  // where logprobs were asked for
  std::optional<Finish> finish;
  std::string stop;
  size_t generated = 0, thought = 0;  // tokens; of these, inside of thoughts
};

class Answer : public std::enable_shared_from_this<Answer> {
 public:
  Answer(std::shared_ptr<Call> call, std::shared_ptr<Worker> worker) : call_(std::move(call)), worker_(std::move(worker)) {}
  virtual ~Answer() = default;
  void Start(std::vector<Job> jobs);
  void Cancel();  // on the reply's thread

 protected:
  // `text` counts over all jobs' branches, in order.
  virtual void OnStarted(size_t /*job*/) {}
  virtual void OnPiece(size_t /*text*/, Piece& /*piece*/) {}
  virtual void OnFinished(size_t /*text*/) {}
  virtual void OnDone() = 0;                          // all jobs
  virtual void OnFailed(const Refusal& refusal) = 0;  // nothing else follows

  const Call& call() const { return *call_; }
  Reply& reply() { return *call_->reply; }
  void Refuse(const Refusal& refusal) { call_->Refuse(refusal); }
  void AnswerJson(const Json& json) { call_->Answer(json); }
  const Worker& worker() const { return *worker_; }
  const Tokenizer& tokenizer() const { return worker_->tokenizer(); }
  const std::vector<Written>& written() const { return written_; }
  const std::vector<std::vector<TextToken>>& prompts() const { return prompts_; }  // by job, with logprobs
  size_t branches(size_t job) const { return branches_[job]; }
  size_t job_of(size_t text) const;
  size_t prompt_tokens() const { return prompt_tokens_; }
  size_t cached_tokens() const { return cached_tokens_; }
  size_t generated_tokens() const { return generated_tokens_; }
  size_t thought_tokens() const {
    size_t tokens = 0;
    for (const Written& w : written_) tokens += w.thought;
    return tokens;
  }
  const JobTimes& times() const { return times_; }  // of the job that took longest

 private:
  void Take(size_t job, JobEvent& event);

  const std::shared_ptr<Call> call_;
  const std::shared_ptr<Worker> worker_;
  std::vector<JobId> ids_;
  std::vector<size_t> branches_, first_;  // by job: how many texts, and the first one's number
  std::vector<Written> written_;
  std::vector<std::vector<TextToken>> prompts_;
  size_t prompt_tokens_ = 0, cached_tokens_ = 0, generated_tokens_ = 0, open_ = 0;
  JobTimes times_;
  bool over_ = false;
};

}  // namespace hasten
