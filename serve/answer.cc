#include "serve/answer.h"

#include <algorithm>
#include <utility>

namespace hasten {

static std::string PromptField(const Json& body) {
  for (const char* const name : {"messages", "input", "prompt", "input_prefix"})
    if (body.contains(name)) return name;
  return {};
}

void Answer::Start(std::vector<Job> jobs) {
  for (const Job& job : jobs) {
    if (job.prompt.size() <= worker_->context()) continue;
    over_ = true;
    return OnFailed(BeyondContext("the prompt", job.prompt.size(), worker_->context(), PromptField(call_->body)));
  }
  branches_.clear();
  size_t texts = 0;
  for (const Job& job : jobs) {
    first_.push_back(texts);
    branches_.push_back(job.branches);
    texts += job.branches;
    prompt_tokens_ += job.prompt.size();
  }
  written_.resize(texts);
  prompts_.resize(jobs.size());
  open_ = jobs.size();
  // Weak: the reply keeps this, and an answer that is over must not keep itself.
  const std::weak_ptr<Answer> weak = weak_from_this();
  call_->reply->OnGone([weak] {
    if (const auto self = weak.lock()) self->Cancel();
  });
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].tell = [self = shared_from_this(), i](JobEvent&& event) {
      self->call_->reply->Post([self, i, event = std::make_shared<JobEvent>(std::move(event))] { self->Take(i, *event); });
    };
    const auto id = worker_->Submit(std::move(jobs[i]));
    if (!id) {
      Cancel();
      over_ = true;
      Refusal refusal = RefusalOf(id.error());
      if (refusal.status == 429) refusal.retry_after_s = worker_->RetryAfterSeconds();
      return OnFailed(refusal);
    }
    ids_.push_back(*id);
  }
}

void Answer::Cancel() {
  for (const JobId id : ids_) worker_->Cancel(id);
}

size_t Answer::job_of(size_t text) const { return size_t(std::ranges::upper_bound(first_, text) - first_.begin()) - 1; }

void Answer::Take(size_t job, JobEvent& event) {
  if (over_) return;
  const size_t text = first_[job] + event.branch;
  switch (event.kind) {
    case JobEvent::Kind::kStarted:
      cached_tokens_ += event.cached_tokens;
      prompts_[job] = std::move(event.prompt);
      return OnStarted(job);
    case JobEvent::Kind::kText: {
      Written& written = written_[text];
      written.text += event.piece.text;
      OnPiece(text, event.piece);
      for (TextToken& token : event.piece.tokens) written.tokens.push_back(std::move(token));
      return;
    }
    case JobEvent::Kind::kFinished:
      written_[text].finish = event.finish;
      written_[text].stop = std::move(event.stop);
      written_[text].generated = event.generated_tokens;
      written_[text].thought = event.thought_tokens;
      return OnFinished(text);
    case JobEvent::Kind::kDone:
      break;
  }
  generated_tokens_ += event.generated_tokens;
  if (event.times.total_s >= times_.total_s) times_ = event.times;
  if (event.finish == Finish::kFailed || event.finish == Finish::kCancelled) {
    over_ = true;
    Cancel();
    return OnFailed(RefusalOf(event.error.value_or(Error{Code::kCancelled, "the server is stopping: ask again later"})));
  }
  if (--open_ > 0) return;
  over_ = true;
  OnDone();
}

}  // namespace hasten
