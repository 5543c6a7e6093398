#include "solve/task/run_task.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <thread>
#include <unordered_map>

#include "solve/log/digest.h"
#include "solve/propose/mutation.h"

namespace hasten::solve {
namespace {

// Beyond so many trials a run keeps the texts of those only that were at least as good as what they came from: the others can
// be made again from the seed, and a log of gigabytes helps nobody.
constexpr size_t kFullRows = 100000;

struct Pending {
  size_t ask = 0;
  Proposal proposal;
  std::string_view proposer;
  bool duplicate = false;
};

// Candidates between those who propose and those who judge.
class Queue {
 public:
  void Push(Pending pending) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(pending));
    changed_.notify_one();
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  // Up to `most`; empty once nothing will come any more.
  std::vector<Pending> Pop(size_t most) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
    std::vector<Pending> taken;
    while (!items_.empty() && taken.size() < most) {
      taken.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Pending> items_;
  bool closed_ = false;
};

// Trailing blanks and empty lines change no program.
uint64_t TextDigest(const std::string& candidate) {
  std::string plain;
  for (size_t at = 0; at < candidate.size();) {
    const size_t end = std::min(candidate.find('\n', at), candidate.size());
    const size_t last = candidate.find_last_not_of(" \t\r", end == 0 ? 0 : end - 1);
    if (last != std::string::npos && last >= at && last < end) plain.append(candidate, at, last - at + 1).push_back('\n');
    at = end + 1;
  }
  return Digest(plain);
}

class Campaign {
 public:
  Campaign(const Task& task, const TaskSetup& setup)
      : task_(task),
        setup_(setup),
        mutation_({.seed_program = task.seed_program,
                   .language = task.language,
                   .seed = task.seed,
                   .numeric = task.proposers.numeric,
                   .structural = task.proposers.structural}),
        score_(task.Score()) {
    for (const TrialRecord& trial : setup.trials) past_.emplace(trial.n, &trial);
    for (size_t i = 0; i < std::max<size_t>(1, setup.threads); ++i)
      judges_.push_back(MakeCascade(task, setup.make_runner, memory_));
  }

  Result<TaskOutcome> Run() {
    const bool model = setup_.model != nullptr || PastHasModel();
    const bool mutation = task_.proposers.mutate && (!task_.seed_program.empty() || model);
    if (!model && task_.seed_program.empty())
      return Error{
          Code::kBadInput,
          "nobody can propose a candidate: name a model (--model FILE.gguf), a server (--upstream URL) or a program to "
          "begin with (program = \"FILE\")"};
    const auto search =
        MakeSearch(task_.search.strategy, {.seed = task_.seed,
                                           .width = task_.search.width ? task_.search.width : WidthOf(task_, model),
                                           .model = model,
                                           .mutation = mutation,
                                           .scored = score_ != nullptr,
                                           .has_seed = !task_.seed_program.empty(),
                                           .islands = task_.search.islands,
                                           .language = task_.language});
    for (uint64_t n = 0; !Over();) {
      std::vector<Ask> asks = search->Next(n);
      Trim(asks);
      if (asks.empty()) break;
      n = asks.back().n + 1;
      TRY_OK(Round(asks));
      for (const TrialPtr& trial : round_) {
        if (trial && trial->n == 0) memory_.first_passed = trial->judged.passed;
        if (trial) search->Tell(trial);
      }
      SaveTotals();
    }
    Finish();
    return std::move(outcome_);
  }

 private:
  bool PastHasModel() const {
    return std::any_of(setup_.trials.begin(), setup_.trials.end(),
                       [](const TrialRecord& t) { return t.proposer != "mutation"; });
  }

  bool Cancelled() const { return setup_.cancelled && setup_.cancelled->load(std::memory_order_relaxed); }

  bool Over() {
    if (outcome_.failure || (outcome_.solved && setup_.past != Past::kReplay)) return true;
    if (Cancelled()) {
      outcome_.ended = "interrupted";
      return true;
    }
    if (setup_.past == Past::kReplay) return false;
    outcome_.ended = setup_.spending->RanOut();
    // A round that was cut short is the last one: where rounds begin decides what a search knows.
    if (trimmed_ && outcome_.ended.empty()) outcome_.ended = Fmt("all %zu candidates are tried", task_.budget.candidates);
    return !outcome_.ended.empty();
  }

  // No more than the budget allows; of a replay no more than there was.
  void Trim(std::vector<Ask>& asks) {
    if (setup_.past == Past::kReplay) {
      while (!asks.empty() && !past_.contains(asks.back().n)) asks.pop_back();
      return;
    }
    const size_t done = setup_.spending->Now().candidates, most = setup_.spending->limits().candidates;
    size_t left = most - std::min(most, done), kept = 0;
    while (kept < asks.size() && (Remembered(asks[kept].n) || left > 0)) left -= !Remembered(asks[kept++].n);
    trimmed_ = kept < asks.size();
    asks.resize(kept);
  }

  bool Remembered(uint64_t n) const { return setup_.past == Past::kResume && past_.contains(n); }

  Status Round(const std::vector<Ask>& asks) {
    asks_ = asks;
    round_.assign(asks.size(), nullptr);
    winner_ = asks.size();
    stop_ = false;
    Queue queue;
    std::vector<std::jthread> proposing, judging;
    std::vector<Ask> mutated, modelled;
    std::vector<size_t> mutated_at, modelled_at;
    for (size_t i = 0; i < asks.size(); ++i) {
      if (Remembered(asks[i].n)) {
        Recall(i);
      } else if (IsMutation(asks[i])) {
        mutated.push_back(asks[i]);
        mutated_at.push_back(i);
      } else if (const auto past = past_.find(asks[i].n);
                 setup_.past == Past::kReplay && past != past_.end() && !(setup_.model && setup_.model->deterministic())) {
        const TrialRecord& r = *past->second;
        Proposal said = {.ask = i,
                         .candidate = r.candidate.value_or(""),
                         .trouble = r.feedback,
                         .prompt_hash = r.prompt_hash,
                         .model_hash = r.model_hash,
                         .seed = r.seed,
                         .tokens_in = r.tokens_in,
                         .tokens_out = r.tokens_out,
                         .dollars = r.dollars};
        if (r.verdict != "duplicate") (void)IsNew(said.candidate, r.n);  // others may be its duplicates
        queue.Push({i, std::move(said), "recorded", r.verdict == "duplicate"});
      } else {
        modelled.push_back(asks[i]);
        modelled_at.push_back(i);
      }
    }
    open_ = 1;  // this thread, until all are started
    const auto propose = [&](Proposer* proposer, const std::vector<Ask>* some, const std::vector<size_t>* at) {
      ++open_;
      proposing.emplace_back([this, proposer, some, at, &queue] {
        const Status status = proposer->Propose(
            *some,
            [&](Proposal p) {
              const size_t ask = (*at)[p.ask];
              Offer(ask, std::move(p), proposer->name(), queue);
            },
            stop_);
        if (!status && status.error().code != Code::kCancelled) Fail(status.error());
        if (--open_ == 0) queue.Close();
      });
    };
    if (!mutated.empty()) propose(&mutation_, &mutated, &mutated_at);
    if (!modelled.empty() && setup_.model) propose(setup_.model, &modelled, &modelled_at);
    if (--open_ == 0) queue.Close();
    judging_ = judges_.size();
    for (auto& judge : judges_) judging.emplace_back([this, &judge, &queue] { Work(*judge, queue); });
    Collect();
    judging.clear();
    proposing.clear();
    CountSilence(modelled.size());
    CountUnjudged();
    return failure_ ? Status(*failure_) : Status();
  }

  static bool IsMutation(const Ask& ask) {
    return ask.kind == Ask::Kind::kSeed || ask.kind == Ask::Kind::kMutate || ask.kind == Ask::Kind::kCross ||
           ask.kind == Ask::Kind::kFollow || ask.kind == Ask::Kind::kEdit;
  }

  void Fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!outcome_.failure) outcome_.failure = error;  // the round is judged to its end, and is the last one
  }

  Trial TrialFor(size_t i) const {
    const Ask& ask = asks_[i];
    Trial trial;
    trial.n = ask.n;
    trial.parent = ask.parent ? int64_t(ask.parent->n) : -1;
    trial.other = ask.other ? int64_t(ask.other->n) : -1;
    trial.scored = score_ != nullptr;
    trial.lower = score_ && score_->lower;
    return trial;
  }

  void Recall(size_t i) {
    const TrialRecord& record = *past_.at(asks_[i].n);
    Trial trial = TrialOf(record, score_ != nullptr, score_ && score_->lower);
    if (!record.candidate) trial.candidate = mutation_.One(asks_[i]);
    if (trial.judged.verdict != "duplicate") (void)IsNew(trial.candidate, trial.n);
    Note(i, std::make_shared<Trial>(std::move(trial)), false);
  }

  // Is this text new? Remembers it.
  bool IsNew(const std::string& candidate, uint64_t n) {
    constexpr size_t kMost = size_t(1) << 21;  // some hundred megabytes
    const std::lock_guard lock(mutex_);
    if (seen_.size() >= kMost) seen_.clear();
    return seen_.emplace(TextDigest(candidate), n).first->second == n;
  }

  // On its way to a judge. Who is the first of two that are the same is decided here, in the order of proposing.
  void Offer(size_t ask, Proposal proposal, std::string_view proposer, Queue& queue) {
    const bool duplicate = !proposal.candidate.empty() && !IsNew(proposal.candidate, asks_[ask].n);
    queue.Push({ask, std::move(proposal), proposer, duplicate});
  }

  // One judge's thread.
  void Work(Judge& judge, Queue& queue) {
    for (;;) {
      std::vector<Pending> batch = queue.Pop(judge.batch());
      if (batch.empty()) break;
      std::vector<Trial> trials;
      std::vector<size_t> at, wanted;
      std::vector<const std::string*> candidates;
      for (Pending& p : batch) {
        if (stop_ && p.ask > winner_) continue;  // somebody has already passed
        if (stop_ && winner_ == asks_.size()) continue;
        trials.push_back(TrialFor(p.ask));
        at.push_back(p.ask);
        Fill(trials.back(), p);
      }
      for (size_t i = 0; i < trials.size(); ++i)
        if (trials[i].judged.verdict == "open") {
          wanted.push_back(i);
          candidates.push_back(&trials[i].candidate);
        }
      if (!candidates.empty()) {
        auto judged = judge.Run(candidates);
        if (!judged) {
          const std::lock_guard lock(mutex_);
          if (!failure_) failure_ = judged.error();
          stop_ = true;
          break;
        }
        for (size_t i = 0; i < wanted.size(); ++i) trials[wanted[i]].judged = std::move((*judged)[i]);
      }
      const std::lock_guard lock(mutex_);
      for (size_t i = 0; i < trials.size(); ++i) {
        if (trials[i].judged.solved && at[i] < winner_) {
          winner_ = at[i];
          stop_ = setup_.past != Past::kReplay;
        }
        done_.emplace_back(at[i], std::make_shared<Trial>(std::move(trials[i])));
      }
      ready_.notify_one();
    }
    const std::lock_guard lock(mutex_);
    --judging_;
    ready_.notify_one();
  }

  // What the proposal says of itself, and whether it is to be judged at all.
  void Fill(Trial& trial, Pending& p) {
    trial.proposer = p.proposer == "recorded" ? past_.at(trial.n)->proposer : std::string(p.proposer);
    trial.candidate = std::move(p.proposal.candidate);
    trial.prompt_hash = p.proposal.prompt_hash;
    trial.model_hash = p.proposal.model_hash;
    trial.seed = p.proposal.seed;
    trial.tokens_in = p.proposal.tokens_in;
    trial.tokens_out = p.proposal.tokens_out;
    trial.dollars = p.proposal.dollars;
    if (trial.candidate.empty()) {
      trial.judged.verdict = "no answer";
      trial.judged.feedback = p.proposal.trouble;
    } else {
      trial.judged.verdict = p.duplicate ? "duplicate" : "open";
    }
  }

  // Takes verdicts as they come: into the log, to the watcher.
  void Collect() {
    for (;;) {
      std::vector<std::pair<size_t, std::shared_ptr<Trial>>> done;
      bool last = false;
      {
        std::unique_lock lock(mutex_);
        ready_.wait_for(lock, std::chrono::milliseconds(50), [this] { return !done_.empty() || judging_ == 0; });
        done.swap(done_);
        last = judging_ == 0;
      }
      const double now = setup_.spending->Now().seconds;
      std::vector<TrialRecord> records;
      for (auto& [ask, trial] : done) {
        trial->at_s = now;
        if (trial->judged.verdict != "duplicate") setup_.spending->AddCandidates(1);
        if (setup_.log) records.push_back(RecordOf(*trial, KeepsText(*trial, ask)));
        Note(ask, trial, true);
      }
      Append(records);
      if (setup_.watcher) setup_.watcher->OnTick(Standing());
      // Money and tokens stop nobody: they were set aside before the question, and its answer is paid for.
      if (Cancelled() || (setup_.past != Past::kReplay && setup_.spending->SecondsLeft() <= 0)) stop_ = true;
      if (last && done.empty()) return;
    }
  }

  bool KeepsText(const Trial& trial, size_t ask) const {
    if (trial.n < kFullRows || trial.proposer != "mutation") return true;
    return asks_[ask].parent && trial.Merit() >= asks_[ask].parent->Merit() && trial.judged.verdict != "duplicate";
  }

  void Append(const std::vector<TrialRecord>& records) {
    if (!setup_.log || log_failed_ || records.empty()) return;
    if (const Status status = setup_.log->Append(setup_.run, records); !status) {
      log_failed_ = true;
      if (setup_.on_log_failure) setup_.on_log_failure(status.error());
    }
  }

  // A trial is over, now or in the past.
  void Note(size_t ask, const std::shared_ptr<Trial>& trial, bool fresh) {
    round_[ask] = trial;
    ++outcome_.trials;
    outcome_.duplicates += trial->judged.verdict == "duplicate";
    if (trial->judged.verdict == "no answer") trouble_ = trial->judged.feedback;
    passed_ += trial->judged.score || (trial->judged.checks && 2 * trial->judged.passed >= trial->judged.checks);
    if (setup_.past == Past::kReplay) Compare(*trial);
    const bool usable = !trial->candidate.empty() && trial->judged.verdict != "duplicate";
    const auto rank = [](const Trial& t) { return std::tuple(t.judged.solved, t.Merit(), -int64_t(t.n)); };
    const bool better = usable && (!outcome_.best || rank(*trial) > rank(*outcome_.best));
    if (better) outcome_.best = trial;
    if (better && trial->judged.solved) {
      outcome_.solved = true;
      outcome_.ended = score_ ? "the target is reached" : "a candidate passed every check";
    }
    if (fresh && setup_.watcher) setup_.watcher->OnTrial(*trial, better);
  }

  void Compare(const Trial& trial) {
    const TrialRecord& was = *past_.at(trial.n);
    ++outcome_.replayed;
    const std::string digest = DigestText(Digest(trial.candidate));
    const bool same = digest == was.candidate_digest && trial.judged.verdict == was.verdict && trial.judged.score == was.score;
    if (same) return;
    if (outcome_.different++ == 0)
      outcome_.first_difference =
          Fmt("trial %llu: ", static_cast<unsigned long long>(trial.n)) +
          (digest != was.candidate_digest ? "another candidate"
                                          : "'" + was.verdict + "' before, '" + trial.judged.verdict + "' now");
  }

  // Rounds of questions without one answer: whoever is asked is not there.
  void CountSilence(size_t asked) {
    if (asked == 0 || outcome_.failure || stop_ || !setup_.spending->RanOut().empty()) return;
    const auto silent = [](const TrialPtr& t) { return !t || t->judged.verdict == "no answer"; };
    std::string trouble;
    for (size_t i = 0; i < asks_.size(); ++i) {
      if (IsMutation(asks_[i]) || Remembered(asks_[i].n)) continue;
      if (!silent(round_[i])) {
        silent_rounds_ = 0;
        return;
      }
      if (round_[i]) trouble = round_[i]->judged.feedback;
    }
    constexpr size_t kPatience = 2;
    if (++silent_rounds_ == kPatience)
      outcome_.failure = Error{Code::kExhausted,
                               Fmt("no answer to any of %zu questions in a row; the last one: ", kPatience * asked) + trouble};
  }

  // Rounds in which what judges failed, and never a score: the task's defect, not the candidates'. The program that the task
  // brings is enough to tell.
  void CountUnjudged() {
    if (!score_ || outcome_.failure) return;
    const Trial* failed = nullptr;
    for (const TrialPtr& t : round_) {
      scores_ = scores_ || (t && t->judged.score);
      if (t && t->judged.verdict == kJudgeFailed) failed = t.get();
    }
    if (scores_ || !failed) return;
    const size_t patience = asks_[0].kind == Ask::Kind::kSeed ? 1 : 2;
    if (++unjudged_rounds_ >= patience)
      outcome_.failure = Error{Code::kBadInput, "no candidate has a score yet; " + failed->judged.feedback};
  }

  solve::Standing Standing() const {
    return {.spent = setup_.spending->Now(),
            .limits = &setup_.spending->limits(),
            .passed = passed_,
            .duplicates = outcome_.duplicates,
            .best = outcome_.best,
            .trouble = trouble_};
  }

  void SaveTotals() {
    if (!setup_.log || log_failed_) return;
    const Spent spent = setup_.spending->Now();
    if (spent.seconds < saved_at_ + 1) return;
    saved_at_ = spent.seconds;
    Save("running");
  }

  void Save(const char* status) {
    const Spent spent = setup_.spending->Now();
    const Status saved = setup_.log->Update({.id = setup_.run,
                                             .status = status,
                                             .best = outcome_.best ? int64_t(outcome_.best->n) : -1,
                                             .seconds = spent.seconds,
                                             .trials = spent.candidates,
                                             .tokens = spent.tokens,
                                             .dollars = spent.dollars});
    if (!saved && !log_failed_) {
      log_failed_ = true;
      if (setup_.on_log_failure) setup_.on_log_failure(saved.error());
    }
  }

  void Finish() {
    if (outcome_.solved) outcome_.failure.reset();  // what survived, survived
    if (outcome_.failure) outcome_.ended = outcome_.failure->what;
    if (outcome_.ended.empty()) outcome_.ended = "there is nothing left to try";
    if (!outcome_.failure && !outcome_.best && !trouble_.empty()) outcome_.ended += "; no candidate has come: " + trouble_;
    // The budget ends a search for a better number; having found one is what was wanted.
    const bool found = outcome_.solved || (score_ && !score_->target && outcome_.best && outcome_.best->judged.score);
    const char* const status = outcome_.failure ? "failed" : Cancelled() ? "interrupted" : found ? "solved" : "unsolved";
    if (setup_.log && !log_failed_) Save(status);
  }

  const Task& task_;
  const TaskSetup& setup_;
  Mutation mutation_;
  const TaskCheck* const score_;
  std::unordered_map<uint64_t, const TrialRecord*> past_;
  OutputMemory memory_;
  std::vector<std::unique_ptr<Judge>> judges_;

  // Of one round. Judges and proposers read asks_; round_ is the collecting thread's.
  std::vector<Ask> asks_;
  std::vector<TrialPtr> round_;
  std::atomic<size_t> winner_{0};  // the first of those that passed
  std::atomic<bool> stop_{false};
  std::atomic<size_t> open_{0};  // proposers that may still deliver

  std::mutex mutex_;  // all below, up to seen_
  std::condition_variable ready_;
  std::vector<std::pair<size_t, std::shared_ptr<Trial>>> done_;
  size_t judging_ = 0;
  std::optional<Error> failure_;
  std::unordered_map<uint64_t, uint64_t> seen_;

  TaskOutcome outcome_;
  std::string trouble_;  // of the last question that brought no candidate
  size_t passed_ = 0, silent_rounds_ = 0, unjudged_rounds_ = 0;
  double saved_at_ = 0;
  bool log_failed_ = false, trimmed_ = false, scores_ = false;
};

}  // namespace

size_t WidthOf(const Task& task, bool model) {
  const TaskCheck* const score = task.Score();
  if (model) return task.proposers.branches;
  return score ? std::max<size_t>(16, 2 * score->batch) : 16;
}

Result<TaskOutcome> RunTask(const Task& task, const TaskSetup& setup) { return Campaign(task, setup).Run(); }

}  // namespace hasten::solve
