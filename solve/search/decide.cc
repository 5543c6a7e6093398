// Conditionals: a set of examples that no one program serves is split by a
// predicate of the bank, and each side solved.
#include <algorithm>
#include <bit>
#include <set>

#include "solve/search/deduce.h"

namespace hasten::solve {

static constexpr size_t kMostSplits = 400, kBranches = 3;

static int32_t Signed(Word w) { return int32_t(w); }

// Predicates that divide the mask, one for each way to divide it, smallest
// first.
std::vector<Deducer::Split> Deducer::Splits(uint16_t predicates, Mask mask) {
  const Shelf& shelf = bank_.shelf(predicates);
  std::vector<Split> splits;
  std::set<Mask> seen;
  for (uint32_t id = 0; id < shelf.size() && splits.size() < kMostSplits && !Over(); ++id) {
    const Word* const values = shelf.values(id);
    Mask yes = 0;
    for (Mask m = mask; m; m &= m - 1) {
      const size_t e = size_t(std::countr_zero(m));
      if (values[e]) yes |= Mask(1) << e;
    }
    if (yes == 0 || yes == mask || !seen.insert(yes).second) continue;
    splits.push_back({id, shelf.term(id).size, yes});
  }
  return splits;
}

Deducer::Found Deducer::LeafOf(uint16_t n, const Stretch& goal, uint32_t below) {
  if (SortOf(n) == Sort::kString) return Leaf(n, goal, below, goal.mask == all_ ? 6 : 1);
  IntRange range{std::vector<int32_t>(outputs_.size()), {}, goal.mask};
  for (Mask m = goal.mask; m; m &= m - 1) {
    const size_t e = size_t(std::countr_zero(m));
    range.least[e] = Signed(outputs_[e]);
  }
  range.most = range.least;
  return Integer(n, range, below);
}

Deducer::Found Deducer::Decide(uint16_t n, const Stretch& goal, uint32_t below, size_t depth) {
  if (std::popcount(goal.mask) < 2 || depth == 0 || below < 5) return std::nullopt;
  size_t r = 0;
  while (r < Rules(n) && !Is(RuleOf(n, r), kIteString) && !Is(RuleOf(n, r), kIteInt) && !Is(RuleOf(n, r), kIteBool)) ++r;
  if (r == Rules(n)) return std::nullopt;
  const Rule& rule = RuleOf(n, r);
  struct Half {
    Split split;
    Found yes, no;
    int served;  // examples on the side that is solved
  };
  std::vector<Half> halves;
  Found best;
  for (const Split& split : Splits(rule.args[0], goal.mask)) {
    if (Over()) break;
    const uint32_t room = std::min(below, SizeOf(best));
    if (split.size + 3 >= room) break;
    Stretch yes = goal, no = goal;
    yes.mask = split.yes;
    no.mask = goal.mask & ~split.yes;
    for (size_t e = 0; e < outputs_.size(); ++e) {  // positions outside of the mask are 0, so that equal goals are
                                                    // equal
      Stretch& other = (split.yes >> e & 1) ? no : yes;
      other.lo[e] = other.hi[e] = 0;
    }
    Half half{split, LeafOf(rule.args[1], yes, room - split.size - 2), LeafOf(rule.args[2], no, room - split.size - 2), 0};
    if (half.yes && half.no) {
      Keep(best, AddTree(n, r, {AddLeaf(rule.args[0], split.predicate), *half.yes, *half.no}));
    } else if (half.yes || half.no) {
      half.served = std::popcount(half.yes ? yes.mask : no.mask);
      halves.push_back(half);
    }
  }
  if (best) return SizeOf(best) < below ? best : std::nullopt;
  std::stable_sort(halves.begin(), halves.end(), [](const Half& a, const Half& b) { return a.served > b.served; });
  for (size_t i = 0; i < std::min(halves.size(), kBranches) && !Over(); ++i) {
    const Half& half = halves[i];
    Stretch rest = goal;
    rest.mask = half.yes ? goal.mask & ~half.split.yes : half.split.yes;
    for (size_t e = 0; e < outputs_.size(); ++e) {
      if (!(rest.mask >> e & 1)) rest.lo[e] = rest.hi[e] = 0;
    }
    const uint32_t used = 1 + half.split.size + SizeOf(half.yes ? half.yes : half.no), room = std::min(below, SizeOf(best));
    if (used + 1 >= room) continue;
    const Found other = Decide(half.yes ? rule.args[2] : rule.args[1], rest, room - used, depth - 1);
    if (!other) continue;
    const TreeId predicate = AddLeaf(rule.args[0], half.split.predicate);
    Keep(best, half.yes ? AddTree(n, r, {predicate, *half.yes, *other}) : AddTree(n, r, {predicate, *other, *half.no}));
  }
  return best;
}

}  // namespace hasten::solve
