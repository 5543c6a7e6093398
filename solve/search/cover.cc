// Outputs as concatenations of strings that the bank holds: shortest paths over
// positions, from both ends.
#include <algorithm>
#include <bit>
#include <queue>

#include "solve/search/deduce.h"

namespace hasten::solve {

// Terms beyond this many are too dear to be part of a small program, and only
// slow the covering down.
static constexpr size_t kMostPieces = 4000;

Deducer::Pieces& Deducer::PiecesOf(uint16_t n) {
  Pieces& pieces = pieces_[n];
  const Shelf& shelf = bank_.shelf(n);
  for (; pieces.seen < shelf.size() && !Over(); ++pieces.seen) {
    const uint32_t id = uint32_t(pieces.seen);
    Piece p{id, shelf.term(id).size, 0, 0};
    for (size_t e = 0; e < outputs_.size(); ++e) {
      const std::string_view value = Text(n, id, e);
      if (value.empty()) {
        p.fits |= Mask(1) << e;
      } else if (value.size() <= Wanted(e).size() && Wanted(e).find(value) != std::string_view::npos) {
        p.fits |= Mask(1) << e;
        p.filled |= Mask(1) << e;
      }
    }
    if (p.filled) pieces.list.push_back(p);
  }
  return pieces;
}

const std::vector<uint32_t>& Deducer::PiecesFor(uint16_t n, Mask mask) {
  Pieces& pieces = PiecesOf(n);
  if (const auto known = pieces.by_mask.find(mask); known != pieces.by_mask.end()) return known->second;
  Remember(kMostPieces * sizeof(uint32_t));
  auto& chosen = pieces.by_mask[mask];
  for (size_t i = 0; i < pieces.list.size(); ++i) {
    if ((pieces.list[i].fits & mask) == mask && (pieces.list[i].filled & mask) != 0) chosen.push_back(uint32_t(i));
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](uint32_t a, uint32_t b) { return pieces.list[a].size < pieces.list[b].size; });
  if (chosen.size() > kMostPieces) chosen.resize(kMostPieces);
  return chosen;
}

// Moves `at` over `value`, rightwards from lo or leftwards from hi; false where
// the output says something else.
bool Deducer::Advance(std::string_view value, const Stretch& goal, size_t e, bool from_left, uint32_t& at) const {
  const std::string_view wanted = Wanted(e);
  if (from_left) {
    if (at + value.size() > goal.hi[e] || wanted.compare(at, value.size(), value) != 0) return false;
    at += uint32_t(value.size());
  } else {
    if (value.size() > at - goal.lo[e] || wanted.compare(at - value.size(), value.size(), value) != 0) return false;
    at -= uint32_t(value.size());
  }
  return true;
}

// Dijkstra from one end of the goal; a step is a piece and the concatenation
// that joins it.
Deducer::Covering Deducer::Cover(uint16_t n, const Stretch& goal, bool from_left, uint32_t below, size_t limit) {
  const std::vector<uint32_t>& chosen = PiecesFor(n, goal.mask);
  const std::vector<Piece>& list = pieces_[n].list;
  const Positions& end = from_left ? goal.hi : goal.lo;
  Covering c;
  std::map<Positions, uint32_t> known;
  std::priority_queue<std::pair<uint32_t, uint32_t>, std::vector<std::pair<uint32_t, uint32_t>>, std::greater<>> open;
  c.steps.push_back({from_left ? goal.lo : goal.hi, 0, 0, 0, false});
  known[c.steps[0].at] = 0;
  open.push({0, 0});
  Positions next;
  while (!open.empty() && c.order.size() < limit && !Over()) {
    const uint32_t state = open.top().second;
    open.pop();
    if (c.steps[state].settled) continue;
    c.steps[state].settled = true;
    c.order.push_back(state);
    if (c.steps[state].at == end) {
      c.done = state;
      break;
    }
    for (const uint32_t index : chosen) {
      const uint32_t cost = c.steps[state].cost + list[index].size + 1;
      if (cost > below) break;  // pieces are in order of size
      next = c.steps[state].at;
      bool fits = true;
      for (Mask left = goal.mask; left && fits; left &= left - 1) {
        const size_t e = size_t(std::countr_zero(left));
        fits = Advance(Text(n, list[index].term, e), goal, e, from_left, next[e]);
      }
      if (!fits || next == c.steps[state].at) continue;
      const auto [found, is_new] = known.try_emplace(next, uint32_t(c.steps.size()));
      if (is_new) {
        c.steps.push_back({next, cost, state, index, false});
      } else if (cost < c.steps[found->second].cost) {
        c.steps[found->second] = {next, cost, state, index, false};
      } else {
        continue;
      }
      open.push({cost, found->second});
    }
  }
  return c;
}

// The pieces on the way to `state` around `core` (which may be absent when the
// pieces cover everything).
Deducer::Found Deducer::Assemble(uint16_t n, size_t concat_rule, const Covering& c, uint32_t state, bool from_left,
                                 Found core) {
  while (state != 0) {
    const TreeId piece = AddLeaf(n, pieces_[n].list[c.steps[state].piece].term);
    if (!core) {
      core = piece;
    } else {
      core = from_left ? AddTree(n, concat_rule, {piece, *core}) : AddTree(n, concat_rule, {*core, piece});
    }
    state = c.steps[state].from;
  }
  return core;
}

std::optional<uint32_t> Deducer::Exact(uint16_t n, const Stretch& goal) {
  const Shelf& shelf = bank_.shelf(n);
  if (goal.mask == all_) {
    std::vector<Word> values(outputs_.size());
    for (size_t e = 0; e < values.size(); ++e) values[e] = bank_.pool().Intern(Part(goal, e));
    return shelf.Find(values.data());
  }
  std::vector<Word> values(outputs_.size());
  for (Mask left = goal.mask; left; left &= left - 1) {
    const size_t e = size_t(std::countr_zero(left));
    values[e] = bank_.pool().Intern(Part(goal, e));
  }
  for (uint32_t id = 0; id < shelf.size(); ++id) {
    const Word* const got = shelf.values(id);
    bool same = true;
    for (Mask left = goal.mask; left && same; left &= left - 1) {
      const size_t e = size_t(std::countr_zero(left));
      same = got[e] == values[e];
    }
    if (same) return id;
  }
  return std::nullopt;
}

Deducer::Found Deducer::Leaf(uint16_t n, const Stretch& goal, uint32_t below, size_t effort) {
  const auto key = std::pair{n, goal};
  const auto known = leaves_.find(key);
  if (known != leaves_.end()) {
    if (known->second.first) return SizeOf(known->second.first) < below ? known->second.first : std::nullopt;
    if (known->second.second >= below) return std::nullopt;
  }
  const Found found = LeafUncached(n, goal, below, effort);
  if (stop_ && !found) return found;
  RememberGoal(2 * goal.lo.size() * sizeof(goal.lo[0]));
  leaves_[key] = {found, below};
  return found;
}

// What is left between the pieces of both ends, the cheapest first; `most` states of each end are looked at.
std::vector<Deducer::Gap> Deducer::GapsBetween(const Covering& left, const Covering& right, const Stretch& goal,
                                               size_t most) const {
  std::vector<Gap> gaps;
  for (size_t l = 0; l < std::min(left.order.size(), most); ++l) {
    for (size_t r = 0; r < std::min(right.order.size(), most); ++r) {
      const Step &from = left.steps[left.order[l]], &to = right.steps[right.order[r]];
      bool empty = true, valid = true;
      for (Mask m = goal.mask; m; m &= m - 1) {
        const size_t e = size_t(std::countr_zero(m));
        valid = valid && from.at[e] <= to.at[e];
        empty = empty && from.at[e] >= to.at[e];
      }
      if (valid && !empty) gaps.push_back({from.cost + to.cost, left.order[l], right.order[r], {from.at, to.at, goal.mask}});
    }
  }
  std::stable_sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.cost < b.cost; });
  return gaps;
}

// A conditional between pieces that all examples share.
Deducer::Found Deducer::DecideInside(uint16_t n, const Stretch& goal, uint32_t below) {
  const size_t concat = ConcatOf(n);
  if (concat == Rules(n)) return std::nullopt;
  const Covering left = Cover(n, goal, true, below, 12), right = Cover(n, goal, false, below, 12);
  size_t tried = 0;
  for (const Gap& gap : GapsBetween(left, right, goal, 12)) {
    if (Over() || ++tried > 24) break;
    if (gap.cost == 0 || gap.cost + 5 >= below) continue;
    Found core = Decide(n, gap.inner, below - gap.cost, 4);
    if (!core) continue;
    core = Assemble(n, concat, right, gap.right, false, core);
    return Assemble(n, concat, left, gap.left, true, core);
  }
  return std::nullopt;
}

size_t Deducer::ConcatOf(uint16_t n) const {
  size_t r = 0;
  while (r < Rules(n) && !(Is(RuleOf(n, r), kConcat) && RuleOf(n, r).args[0] == n && RuleOf(n, r).args[1] == n)) ++r;
  return r;
}

// Without conditionals. `effort` bounds how many gaps between pieces are tried
// with the other inverses.
Deducer::Found Deducer::LeafUncached(uint16_t n, const Stretch& goal, uint32_t below, size_t effort) {
  Found best;
  if (const auto term = Exact(n, goal)) Keep(best, AddLeaf(n, *term));
  const size_t concat = ConcatOf(n);
  below = std::min(below, SizeOf(best));
  if (concat == Rules(n)) {
    const Found direct = Direct(n, goal, below);
    if (direct) Keep(best, *direct);
    return best;
  }
  const size_t states = 16 + 16 * effort;
  const Covering left = Cover(n, goal, true, below, states);
  if (left.done && left.steps[*left.done].cost <= below) {
    if (const Found all = Assemble(n, concat, left, *left.done, true, {})) Keep(best, *all);
  }
  const Covering right = Cover(n, goal, false, below, states);
  const std::vector<Gap> gaps = GapsBetween(left, right, goal, 8 * effort);
  size_t tried = 0;
  for (const Gap& gap : gaps) {
    if (tried == 4 * effort || Over()) break;
    const uint32_t limit = std::min(below, SizeOf(best));
    if (gap.cost + 3 >= limit) break;
    ++tried;
    Found core = Direct(n, gap.inner, limit - gap.cost);
    if (!core) continue;
    core = Assemble(n, concat, right, gap.right, false, core);
    core = Assemble(n, concat, left, gap.left, true, core);
    Keep(best, *core);
  }
  return best;
}

}  // namespace hasten::solve
