// "Make this number better": several populations that seldom meet. Each keeps one elite for every behaviour (an archive in the
// manner of MAP-Elites, Mouret and Clune 2015); where a judge names no behaviour, candidates of one size are of one kind.
// Of two scores that are equal the newer candidate stays: plateaus are crossed by drifting over them. Checks that all fail are
// no plateau but a void; there the older one stays, nearest to what the user gave.
#include <algorithm>
#include <bit>
#include <map>

#include "solve/propose/dice.h"
#include "solve/strategy/search.h"

namespace hasten::solve {
namespace {

// A candidate's kind.
std::string KindOf(const Trial& trial) {
  if (!trial.judged.behaviour.empty()) return trial.judged.behaviour;
  return "size " + std::to_string(std::bit_width(trial.candidate.size()));
}

class Island {
 public:
  void Offer(const TrialPtr& trial) {
    TrialPtr& elite = archive_[KindOf(*trial)];
    if (!elite || Replaces(*trial, *elite)) elite = trial;
    if (!best_ || Replaces(*trial, *best_)) {
      if (best_ && trial->Merit() > best_->Merit()) Remember(best_);
      best_ = trial;
    }
    constexpr size_t kMost = 64;
    if (archive_.size() <= kMost) return;
    const auto worst = std::min_element(archive_.begin(), archive_.end(),
                                        [](const auto& a, const auto& b) { return a.second->Merit() < b.second->Merit(); });
    archive_.erase(worst);
  }
  bool empty() const { return archive_.empty(); }
  const TrialPtr& best() const { return best_; }
  // One of the last that were the best: where this island comes from.
  const TrialPtr& Earlier(Dice& dice) const { return earlier_.empty() ? best_ : earlier_[dice.Below(earlier_.size())]; }
  // Mostly the best; else the better of two taken at random, so that what is different gets its chance.
  const TrialPtr& Pick(Dice& dice) const {
    if (dice.Chance(best_->scored ? 0.6 : 0.85)) return best_;
    const TrialPtr& a = At(dice.Below(archive_.size()));
    const TrialPtr& b = At(dice.Below(archive_.size()));
    return a->Merit() >= b->Merit() ? a : b;
  }

 private:
  static bool Replaces(const Trial& trial, const Trial& old) {
    return trial.judged.score ? trial.Merit() >= old.Merit() : trial.Merit() > old.Merit();
  }
  void Remember(const TrialPtr& trial) {
    constexpr size_t kMost = 16;
    if (earlier_.size() == kMost) earlier_.erase(earlier_.begin());
    earlier_.push_back(trial);
  }
  const TrialPtr& At(size_t i) const { return std::next(archive_.begin(), std::ptrdiff_t(i))->second; }
  std::map<std::string, TrialPtr> archive_;
  TrialPtr best_;
  std::vector<TrialPtr> earlier_;
};

class Islands : public Search {
 public:
  explicit Islands(const SearchOptions& options) : options_(options), islands_(std::max<size_t>(1, options.islands)) {}
  std::string_view name() const override { return "islands"; }

  std::vector<Ask> Next(uint64_t n) override {
    if (n == 0 && options_.has_seed) return {{n, Ask::Kind::kSeed}};
    if (++rounds_ % kRoundsApart == 0) Migrate();
    std::vector<Ask> asks;
    for (size_t i = 0; i < options_.width; ++i) asks.push_back(AskFor(n++));
    return asks;
  }

  void Tell(const TrialPtr& trial) override {
    if (trial->candidate.empty() || trial->judged.verdict == "duplicate") return;
    if (trial->parent < 0 && !options_.model) {  // the seed belongs to all
      for (Island& island : islands_) island.Offer(trial);
    } else {
      islands_[trial->n % islands_.size()].Offer(trial);
    }
  }

 private:
  Ask AskFor(uint64_t n) {
    Dice dice(options_.seed, n);
    const Island& island = islands_[n % islands_.size()];
    if (island.empty() || (options_.model && dice.Chance(0.1))) return {n, Ask::Kind::kFresh};
    const TrialPtr& parent = island.Pick(dice);
    if (options_.model && (!options_.mutation || dice.Chance(0.5))) return {n, Ask::Kind::kRepair, parent};
    if (options_.scored && dice.Chance(0.2)) {
      const TrialPtr& other = island.Earlier(dice);
      if (other != parent) return {n, Ask::Kind::kFollow, parent, other};
    }
    const Island& elsewhere = islands_[dice.Below(islands_.size())];
    if (dice.Chance(0.15) && !elsewhere.empty()) {
      const TrialPtr& other = elsewhere.Pick(dice);
      if (other != parent) return {n, Ask::Kind::kCross, parent, other};
    }
    return {n, Ask::Kind::kMutate, parent};
  }

  // Each island's best is offered to the next one.
  void Migrate() {
    std::vector<TrialPtr> bests;
    for (const Island& island : islands_) bests.push_back(island.best());
    for (size_t i = 0; i < islands_.size(); ++i)
      if (bests[i]) islands_[(i + 1) % islands_.size()].Offer(bests[i]);
  }

  // Seldom: islands that agree too early find what one of them would have found. Measured on networks that sort ten inputs:
  // with 40 some runs of 3.5 million candidates stay at 30 comparators, with 1000 and more each finds 29 within 0.6 million.
  static constexpr size_t kRoundsApart = 1000;
  const SearchOptions options_;
  std::vector<Island> islands_;
  size_t rounds_ = 0;
};

}  // namespace

std::unique_ptr<Search> MakeIslands(const SearchOptions& options) { return std::make_unique<Islands>(options); }

}  // namespace hasten::solve
