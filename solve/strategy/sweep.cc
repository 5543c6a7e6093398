// Repair without a model: all small edits of the program (propose/edits.h), the likely ones first. What passes more checks than
// it was made of is taken up beside it. What fails in another way than before, without passing more, may be half of a larger
// repair: its edits come after those of the program itself, by the ranks of both edits together. What is exhausted is changed
// at random.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "solve/propose/dice.h"
#include "solve/propose/edits.h"
#include "solve/strategy/search.h"

namespace hasten::solve {
namespace {

struct Start {
  TrialPtr trial;
  size_t rank = 0;  // of the edits that led here, together
  size_t next = 0;  // the edit to make next
  size_t count = 0;
  bool better = false;  // than what it was made of
};

class Sweep : public Search {
 public:
  explicit Sweep(const SearchOptions& options) : options_(options) {}
  std::string_view name() const override { return "sweep"; }

  std::vector<Ask> Next(uint64_t n) override {
    if (n == 0 && options_.has_seed) return {{n, Ask::Kind::kSeed}};
    std::vector<Ask> asks;
    for (size_t i = 0; i < options_.width && !starts_.empty(); ++i) asks.push_back(AskFor(n++));
    return asks;
  }

  void Tell(const TrialPtr& trial) override {
    const auto asked = asked_.find(trial->n);
    const Asked from = asked == asked_.end() ? Asked{} : asked->second;
    if (asked != asked_.end()) asked_.erase(asked);
    if (trial->candidate.empty() || trial->judged.verdict == "duplicate") return;
    const bool first = starts_.empty();
    const bool better = !first && from.known && trial->Merit() > starts_[from.start].trial->Merit();
    const bool new_behaviour = behaviours_.insert(trial->judged.behaviour + trial->judged.verdict).second;
    // A name that is not there, a line that does not parse: nothing to go on from.
    const bool runs = trial->judged.verdict == "wrong" || trial->judged.passed > 0;
    if (!first && !better && !(new_behaviour && runs && starts_.size() < kMost)) return;
    const size_t rank = first || !from.known ? 0 : starts_[from.start].rank + from.edit + kSecond;
    starts_.push_back({trial, better ? 0 : rank, 0, SmallEdits(trial->candidate, options_.language).size(), better});
  }

 private:
  struct Asked {
    bool known = false;
    size_t start = 0, edit = 0;
  };

  Ask AskFor(uint64_t n) {
    Dice dice(options_.seed, n);
    const size_t best = Best(), plain = Nearest();
    // A third for the best that there is: checks end at the first that fails, so one more that passes is often luck.
    const size_t at = starts_[best].better && starts_[best].next < starts_[best].count && dice.Chance(0.33) ? best : plain;
    Start& start = starts_[at];
    if (start.next >= start.count) return {n, Ask::Kind::kMutate, starts_[dice.Below(starts_.size())].trial};
    asked_[n] = {true, at, start.next};
    return {.n = n, .kind = Ask::Kind::kEdit, .parent = start.trial, .edit = start.next++};
  }

  size_t Best() const {
    size_t best = 0;
    for (size_t i = 1; i < starts_.size(); ++i)
      if (starts_[i].trial->Merit() > starts_[best].trial->Merit()) best = i;
    return best;
  }

  // By the ranks of all edits together; in blocks, for a list of edits is made once for many.
  size_t Nearest() const {
    const auto distance = [](const Start& s) { return s.next < s.count ? s.rank + s.next / kBlock * kBlock : size_t(-1); };
    return size_t(std::min_element(starts_.begin(), starts_.end(),
                                   [&](const Start& a, const Start& b) { return distance(a) < distance(b); }) -
                  starts_.begin());
  }

  static constexpr size_t kMost = 1000;    // programs whose edits are tried
  static constexpr size_t kSecond = 4000;  // two edits are as likely as one of so much a higher rank
  static constexpr size_t kBlock = 64;
  const SearchOptions options_;
  std::vector<Start> starts_;
  std::set<std::string> behaviours_;
  std::unordered_map<uint64_t, Asked> asked_;
};

}  // namespace

std::unique_ptr<Search> MakeSweep(const SearchOptions& options) { return std::make_unique<Sweep>(options); }

}  // namespace hasten::solve
