// From the wanted values down: a goal is split by the inverses of operations
// until its parts lie in the bank.
//
// A string goal is a stretch [lo, hi) of the wanted output of each example in a
// set (a mask); concatenation splits it at positions, substr, at, replace and
// from_int turn it into goals on integers, and a conditional splits the set of
// examples.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "solve/search/bank.h"

namespace hasten::solve {

using Mask = uint64_t;  // a set of examples; a bank for deduction has at most 64

// A program: a term of the bank, or a rule over other trees.
struct Tree {
  uint16_t nonterminal, rule;
  bool leaf;         // kids[0] is the term's id
  uint32_t size;     // nodes
  uint32_t kids[3];  // trees, or the term
};
using TreeId = uint32_t;

class Deducer {
 public:
  Deducer(const Bank& bank, std::vector<Word> outputs);

  // The smallest program found that is right on all examples and has fewer than
  // `below` nodes. Ends with the budget, or after `seconds`, whichever is
  // first; what it remembers between its goals takes at most a quarter of the
  // budget's memory. Call again when the bank has grown.
  std::optional<TreeId> Solve(const Budget& budget, double seconds, uint32_t below);
  const Tree& tree(TreeId id) const { return trees_[id]; }

 private:
  using Positions = std::vector<uint32_t>;  // one an example; what is outside of the mask is 0
  using Found = std::optional<TreeId>;
  struct Stretch {
    Positions lo, hi;
    Mask mask;
    bool operator<(const Stretch& o) const { return std::tie(mask, lo, hi) < std::tie(o.mask, o.lo, o.hi); }
  };
  struct Piece {  // a string term that occurs in the outputs
    uint32_t term;
    uint32_t size;
    Mask fits,
        filled;  // examples where it occurs (or is empty), where it is not empty
  };
  struct Pieces {
    std::vector<Piece> list;
    size_t seen = 0;  // terms of the shelf that have been looked at
    std::map<Mask, std::vector<uint32_t>> by_mask;
  };
  struct Step {  // a way to a state of the covering: from state `from`, by piece
                 // `piece`
    Positions at;
    uint32_t cost, from, piece;
    bool settled;
  };
  struct Covering {
    std::vector<Step> steps;       // steps[0] is where it begins
    std::vector<uint32_t> order;   // settled states, cheapest first
    std::optional<uint32_t> done;  // the state that is the other end
  };
  struct Gap {  // what is left between a state of each end
    uint32_t cost, left, right;
    Stretch inner;
  };
  struct IntRange {  // an integer wanted in each example of the mask, between
                     // two bounds
    std::vector<int32_t> least, most;
    Mask mask;
    bool operator<(const IntRange& o) const { return std::tie(mask, least, most) < std::tie(o.mask, o.least, o.most); }
  };
  struct Split {
    uint32_t predicate, size;
    Mask yes;
  };

  bool Over() const {
    return stop_ || (++ticks_ & 0xff) == 0 ? (stop_ = stop_ || budget_->Elapsed() > until_ || budget_->Over()) : false;
  }
  std::string_view Wanted(size_t e) const { return bank_.pool()[outputs_[e]]; }
  std::string_view Part(const Stretch& g, size_t e) const { return Wanted(e).substr(g.lo[e], g.hi[e] - g.lo[e]); }
  std::string_view Text(uint16_t n, uint32_t term, size_t e) const { return bank_.pool()[bank_.shelf(n).values(term)[e]]; }
  const Rule& RuleOf(uint16_t n, size_t r) const { return bank_.grammar().nonterminals[n].rules[r]; }
  size_t Rules(uint16_t n) const { return bank_.grammar().nonterminals[n].rules.size(); }
  bool Is(const Rule& rule, SliaId id) const { return rule.op == &SliaOps()[id]; }
  Sort SortOf(uint16_t n) const { return bank_.grammar().nonterminals[n].sort; }

  void Remember(size_t bytes);  // forgets what was remembered so far where that gets too much
  // A goal with its answer, besides the positions or bounds in each example: nodes and headers of containers.
  void RememberGoal(size_t examples_bytes) { Remember(160 + examples_bytes); }
  void ForgetAll();
  TreeId AddLeaf(uint16_t n, uint32_t term);
  TreeId AddTree(uint16_t n, size_t rule, std::initializer_list<TreeId> kids);
  uint32_t SizeOf(const Found& found) const { return found ? trees_[*found].size : UINT32_MAX; }
  void Keep(Found& best, TreeId candidate) const {
    if (trees_[candidate].size < SizeOf(best)) best = candidate;
  }

  // cover.cc: goals on strings as concatenations of pieces
  Pieces& PiecesOf(uint16_t n);
  const std::vector<uint32_t>& PiecesFor(uint16_t n, Mask mask);
  Covering Cover(uint16_t n, const Stretch& goal, bool from_left, uint32_t below, size_t limit);
  bool Advance(std::string_view value, const Stretch& goal, size_t e, bool from_left, uint32_t& at) const;
  Found Assemble(uint16_t n, size_t concat_rule, const Covering& c, uint32_t state, bool from_left, Found core);
  std::vector<Gap> GapsBetween(const Covering& left, const Covering& right, const Stretch& goal, size_t most) const;
  size_t ConcatOf(uint16_t n) const;  // the rule n -> (str.++ n n), or the number of rules
  Found Leaf(uint16_t n, const Stretch& goal, uint32_t below, size_t effort);
  Found LeafUncached(uint16_t n, const Stretch& goal, uint32_t below, size_t effort);
  std::optional<uint32_t> Exact(uint16_t n, const Stretch& goal);

  // witness.cc: one inverse an operation
  Found Direct(uint16_t n, const Stretch& goal, uint32_t below);
  Found InvertSubstr(uint16_t n, size_t r, const Stretch& goal, uint32_t below);
  Found InvertAt(uint16_t n, size_t r, const Stretch& goal, uint32_t below);
  Found InvertReplace(uint16_t n, size_t r, const Stretch& goal, uint32_t below);
  Found InvertFromInt(uint16_t n, size_t r, const Stretch& goal, uint32_t below);
  Found Integer(uint16_t n, const IntRange& goal, uint32_t below);
  Found IntegerUncached(uint16_t n, const IntRange& goal, uint32_t below);
  const std::unordered_map<uint64_t, uint32_t>& IntegersFor(uint16_t n, Mask mask);
  bool InRange(uint16_t n, uint32_t term, const IntRange& goal) const;

  // decide.cc: conditionals
  Found Decide(uint16_t n, const Stretch& goal, uint32_t below, size_t depth);
  Found DecideInside(uint16_t n, const Stretch& goal, uint32_t below);
  Found LeafOf(uint16_t n, const Stretch& goal, uint32_t below);
  std::vector<Split> Splits(uint16_t predicates, Mask mask);

  const Bank& bank_;
  const std::vector<Word> outputs_;
  const Mask all_;
  std::vector<Tree> trees_;
  std::map<uint16_t, Pieces> pieces_;
  std::map<std::pair<uint16_t, Stretch>, std::pair<Found, uint32_t>> leaves_;  // and the bound it was found under
  std::map<std::pair<uint16_t, IntRange>, std::pair<Found, uint32_t>> integers_;
  std::map<std::pair<uint16_t, Mask>, std::unordered_map<uint64_t, uint32_t>> integer_index_;
  size_t remembered_ = 0;  // bytes
  const Budget* budget_ = nullptr;
  double until_ = 0;
  mutable bool stop_ = false;
  mutable uint32_t ticks_ = 0;
};

}  // namespace hasten::solve
