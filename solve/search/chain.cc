#include "solve/search/chain.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace hasten::solve {

namespace {

constexpr size_t kBeam = 64, kLongest = 16, kParts = 32;

class Search {
 public:
  Search(const Bank& bank, const Promise& promise, const Budget& budget, double seconds)
      : bank_(bank),
        promise_(promise),
        budget_(budget),
        until_(budget.Elapsed() + seconds),
        start_(bank.grammar().start),
        sort_(bank.grammar().nonterminals[start_].sort),
        made_(bank.examples()) {}

  std::optional<Chain> Run() {
    const Shelf& shelf = bank_.shelf(start_);
    for (uint32_t id = 0; id < shelf.size() && !Over(); ++id) {
      std::copy_n(shelf.values(id), made_.size(), made_.begin());
      Keep({id, {}}, nullptr);
    }
    for (size_t length = 0; length < kLongest && !found_ && !Over(); ++length) {
      std::vector<State> beam = Nearest();
      if (beam.empty()) break;
      for (const State& state : beam) {
        if (found_ || Over()) break;
        Extend(state);
      }
    }
    return found_;
  }

 private:
  struct State {
    Chain chain;
    std::vector<Word> values;
    uint8_t promise;
  };

  // Texts that are made stay in the bank's pool until it forgets, so its memory is looked at beside the time.
  bool Over() {
    if ((++ticks_ & 0xff) == 0) over_ = over_ || budget_.Elapsed() > until_ || budget_.Over() || Full();
    return over_;
  }
  bool Full() const {
    constexpr size_t kNode = 40;  // of a hash set: the value, its link, its share of the table
    return bank_.bytes() + seen_.size() * kNode >= budget_.memory_bytes;
  }

  // What was just made, by `chain` and `link`, unless its values were there before.
  void Keep(const Chain& chain, const ChainLink* link) {
    if (!seen_.insert(HashBytes(reinterpret_cast<const char*>(made_.data()), made_.size() * sizeof(Word))).second) return;
    const uint8_t promise = promise_.Of(sort_, made_.data());
    if (promise <= worst_) return;
    open_.push_back({chain, made_, promise});
    if (link) open_.back().chain.links.push_back(*link);
    if (promise == Promise::kWanted) found_ = open_.back().chain;
    if (open_.size() == 8 * kBeam) Cut();
  }

  void Cut() {
    std::stable_sort(open_.begin(), open_.end(), [](const State& a, const State& b) { return a.promise > b.promise; });
    if (open_.size() < kBeam) return;
    open_.resize(kBeam);
    worst_ = open_.back().promise;
  }

  std::vector<State> Nearest() {
    Cut();
    worst_ = 0;
    return std::exchange(open_, {});
  }

  void Extend(const State& state) {
    const auto& rules = bank_.grammar().nonterminals[start_].rules;
    for (uint16_t r = 0; r < rules.size(); ++r) {
      for (uint8_t at = 0; at < rules[r].arity(); ++at) {
        if (rules[r].args[at] == start_) Extend(state, rules[r], {r, at, {}}, 0);
      }
    }
  }

  // All choices of the arguments from `arg` on.
  void Extend(const State& state, const Rule& rule, ChainLink link, size_t arg) {
    if (arg == rule.arity()) return Apply(state, rule, link);
    if (arg == link.at) return Extend(state, rule, link, arg + 1);
    const size_t parts = std::min(bank_.shelf(rule.args[arg]).size(), kParts);
    for (uint32_t id = 0; id < parts && !found_ && !Over(); ++id) {
      link.kids[arg] = id;
      Extend(state, rule, link, arg + 1);
    }
  }

  void Apply(const State& state, const Rule& rule, const ChainLink& link) {
    for (size_t e = 0; e < made_.size(); ++e) {
      Word args[3] = {};
      for (size_t i = 0; i < rule.arity(); ++i) {
        args[i] = i == link.at ? state.values[e] : bank_.shelf(rule.args[i]).values(link.kids[i])[e];
      }
      if (!solve::Apply(*rule.op, bank_.pool(), args, &scratch_, &made_[e])) return;
    }
    Keep(state.chain, &link);
  }

  const Bank& bank_;
  const Promise& promise_;
  const Budget& budget_;
  const double until_;
  const uint16_t start_;
  const Sort sort_;
  std::vector<Word> made_;  // values, an example each
  Made scratch_;
  std::vector<State> open_;
  uint8_t worst_ = 0;
  std::unordered_set<uint64_t> seen_;
  std::optional<Chain> found_;
  uint32_t ticks_ = 0;
  bool over_ = false;
};

}  // namespace

std::optional<Chain> FindChain(const Bank& bank, const Promise& promise, const Budget& budget, double seconds) {
  return Search(bank, promise, budget, seconds).Run();
}

}  // namespace hasten::solve
