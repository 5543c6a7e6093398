// A tree of attempts. At every node the choice is between a new child (wider) and one of its children (deeper), by Thompson
// sampling: each choice has a Beta distribution of what it brought so far, and the largest of one draw from each wins.
// Idea: adaptive branching, Inoue et al. 2025, "Wider or Deeper? Scaling LLM Inference-Time Compute with Adaptive Branching
// Tree Search" (AB-MCTS); here with plain Beta distributions.
#include <algorithm>
#include <set>

#include "solve/propose/dice.h"
#include "solve/strategy/search.h"

namespace hasten::solve {
namespace {

struct Arm {
  double won = 0, lost = 0;
  void Add(double reward) {
    won += reward;
    lost += 1 - reward;
  }
  double Draw(Dice& dice) const { return dice.Beta(1 + won, 1 + lost); }
};

struct Node {
  TrialPtr trial;  // nothing at the root
  size_t parent = 0;
  std::vector<size_t> children;
  Arm wider;   // what new children of this node brought
  Arm deeper;  // what this node and all below it brought
};

class Tree : public Search {
 public:
  explicit Tree(const SearchOptions& options) : options_(options), nodes_(1) {}
  std::string_view name() const override { return "tree"; }

  std::vector<Ask> Next(uint64_t n) override {
    if (n == 0 && options_.has_seed) return {{n, Ask::Kind::kSeed}};
    std::vector<Ask> asks;
    for (size_t i = 0; i < options_.width; ++i) asks.push_back(AskFor(n++));
    return asks;
  }

  void Tell(const TrialPtr& trial) override {
    const size_t parent = NodeOf(trial->parent);
    const bool usable = !trial->candidate.empty() && trial->judged.verdict != "duplicate";
    const double reward = usable ? Reward(*trial) : 0;
    nodes_[parent].wider.Add(reward);
    size_t below = parent;
    // A candidate that fails just as one that is there already would only be a twin of that node.
    if (usable && behaviours_.insert(trial->judged.behaviour + trial->judged.verdict).second) {
      below = nodes_.size();
      nodes_.push_back({trial, parent, {}, {}, {}});
      nodes_[parent].children.push_back(below);
    }
    for (; below != 0; below = nodes_[below].parent) nodes_[below].deeper.Add(reward);
  }

 private:
  Ask AskFor(uint64_t n) {
    Dice dice(options_.seed, n);
    size_t at = 0;
    for (;;) {
      double best = at == 0 && !options_.model ? -1 : nodes_[at].wider.Draw(dice);
      size_t next = at;
      for (const size_t child : nodes_[at].children) {
        const double draw = nodes_[child].deeper.Draw(dice);
        if (draw > best) {
          best = draw;
          next = child;
        }
      }
      if (next == at) break;
      at = next;
    }
    if (at == 0) return {n, Ask::Kind::kFresh};
    const bool mutate = !options_.model || (options_.mutation && dice.Chance(0.25));
    return {n, mutate ? Ask::Kind::kMutate : Ask::Kind::kRepair, nodes_[at].trial};
  }

  size_t NodeOf(int64_t n) const {
    for (size_t i = nodes_.size(); i-- > 1;)
      if (int64_t(nodes_[i].trial->n) == n) return i;
    return 0;
  }

  // From 0 to 1: the share of checks that passed, or of earlier scores that were not better.
  double Reward(const Trial& trial) {
    const double merit = trial.Merit();
    if (!trial.scored) return merit;
    const auto at = std::upper_bound(merits_.begin(), merits_.end(), merit);
    const double reward = merits_.empty() ? 0.5 : double(at - merits_.begin()) / double(merits_.size());
    merits_.insert(at, merit);
    return trial.judged.score ? reward : 0;
  }

  const SearchOptions options_;
  std::vector<Node> nodes_;
  std::vector<double> merits_;  // ascending
  std::set<std::string> behaviours_;
};

}  // namespace

std::unique_ptr<Search> MakeTree(const SearchOptions& options) { return std::make_unique<Tree>(options); }

}  // namespace hasten::solve
