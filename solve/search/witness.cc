// The inverses: what an operation's arguments must be for it to give the wanted
// strings.
#include <algorithm>
#include <bit>
#include <limits>

#include "solve/search/deduce.h"

namespace hasten::solve {

// How many terms of the bank are tried as the string that a wanted part is cut
// from, and as what is replaced in it.
static constexpr size_t kMostSources = 20000, kMostFits = 60, kMostReplaced = 400, kMostPatterns = 200, kFewPatterns = 24,
                        kMostSummands = 4000;

static constexpr size_t kIndexBytes = 40;  // of an integer that an index remembers

static int32_t Signed(Word w) { return int32_t(w); }

Deducer::Found Deducer::Direct(uint16_t n, const Stretch& goal, uint32_t below) {
  Found best;
  if (const auto term = Exact(n, goal)) Keep(best, AddLeaf(n, *term));
  for (size_t r = 0; r < Rules(n) && !Over(); ++r) {
    const Rule& rule = RuleOf(n, r);
    const uint32_t limit = std::min(below, SizeOf(best));
    Found found;
    if (Is(rule, kSubstr)) found = InvertSubstr(n, r, goal, limit);
    if (Is(rule, kAt)) found = InvertAt(n, r, goal, limit);
    if (Is(rule, kReplace)) found = InvertReplace(n, r, goal, limit);
    if (Is(rule, kFromInt)) found = InvertFromInt(n, r, goal, limit);
    if (found) Keep(best, *found);
  }
  if (best && SizeOf(best) >= below) return std::nullopt;
  return best;
}

// part = substr(x, i, k): x any string that contains the part, i where it
// begins (its first or its last occurrence), k its length; where the part
// reaches the end of x, any greater k will do.
Deducer::Found Deducer::InvertSubstr(uint16_t n, size_t r, const Stretch& goal, uint32_t below) {
  const Rule& rule = RuleOf(n, r);
  const Shelf& sources = bank_.shelf(rule.args[0]);
  Found best;
  size_t fits = 0;
  for (uint32_t x = 0; x < std::min(sources.size(), kMostSources) && fits < kMostFits && !Over(); ++x) {
    const uint32_t size = sources.term(x).size;
    const uint32_t limit = std::min(below, SizeOf(best));
    if (size + 3 >= limit) break;
    IntRange first{std::vector<int32_t>(outputs_.size()), {}, goal.mask}, count = first;
    count.most = first.least;
    IntRange last = first;
    bool inside = true, unique = true, whole = true;
    for (Mask m = goal.mask; m && inside; m &= m - 1) {
      const size_t e = size_t(std::countr_zero(m));
      const std::string_view part = Part(goal, e), text = Text(rule.args[0], x, e);
      const size_t at = text.find(part);
      inside = at != std::string_view::npos && !part.empty();
      if (!inside) break;
      const size_t back = text.rfind(part);
      unique = unique && at == back;
      whole = whole && part.size() == text.size();
      first.least[e] = int32_t(at);
      last.least[e] = int32_t(back);
      count.least[e] = int32_t(part.size());
    }
    if (!inside || whole) continue;
    ++fits;
    for (IntRange* start : {&first, &last}) {
      if (start == &last && unique) break;
      start->most = start->least;
      for (Mask m = goal.mask; m; m &= m - 1) {
        const size_t e = size_t(std::countr_zero(m));
        const bool at_end = size_t(start->least[e]) + Part(goal, e).size() == Text(rule.args[0], x, e).size();
        count.most[e] = at_end ? std::numeric_limits<int32_t>::max() : count.least[e];
      }
      const uint32_t room = std::min(below, SizeOf(best));
      if (size + 3 >= room) break;
      const Found i = Integer(rule.args[1], *start, room - size - 2);
      if (!i || trees_[*i].size + size + 2 >= room) continue;
      const Found k = Integer(rule.args[2], count, room - size - 1 - trees_[*i].size);
      if (k) Keep(best, AddTree(n, r, {AddLeaf(rule.args[0], x), *i, *k}));
    }
  }
  return best;
}

Deducer::Found Deducer::InvertAt(uint16_t n, size_t r, const Stretch& goal, uint32_t below) {
  for (Mask m = goal.mask; m; m &= m - 1) {
    if (Part(goal, size_t(std::countr_zero(m))).size() != 1) return std::nullopt;
  }
  const Rule& rule = RuleOf(n, r);
  const Shelf& sources = bank_.shelf(rule.args[0]);
  Found best;
  size_t fits = 0;
  for (uint32_t x = 0; x < std::min(sources.size(), kMostSources) && fits < kMostFits && !Over(); ++x) {
    const uint32_t size = sources.term(x).size, limit = std::min(below, SizeOf(best));
    if (size + 2 >= limit) break;
    IntRange first{std::vector<int32_t>(outputs_.size()), {}, goal.mask}, last = first;
    bool inside = true;
    for (Mask m = goal.mask; m && inside; m &= m - 1) {
      const size_t e = size_t(std::countr_zero(m));
      const std::string_view part = Part(goal, e), text = Text(rule.args[0], x, e);
      inside = text.find(part) != std::string_view::npos;
      if (!inside) break;
      first.least[e] = int32_t(text.find(part));
      last.least[e] = int32_t(text.rfind(part));
    }
    if (!inside) continue;
    ++fits;
    for (IntRange* at : {&first, &last}) {
      at->most = at->least;
      const uint32_t room = std::min(below, SizeOf(best));
      if (size + 2 >= room) break;
      const Found i = Integer(rule.args[1], *at, room - size - 1);
      if (i) Keep(best, AddTree(n, r, {AddLeaf(rule.args[0], x), *i}));
    }
  }
  return best;
}

// part = replace(x, a, b): with x and a from the bank, x = l a rest, so that b
// must be what stands between l and rest in the part.
Deducer::Found Deducer::InvertReplace(uint16_t n, size_t r, const Stretch& goal, uint32_t below) {
  const Rule& rule = RuleOf(n, r);
  const Shelf &sources = bank_.shelf(rule.args[0]), &patterns = bank_.shelf(rule.args[1]);
  Found best;
  Stretch middle = goal;
  for (uint32_t x = 0; x < std::min(sources.size(), kMostSources) && !Over(); ++x) {
    const size_t most = x < kMostReplaced ? kMostPatterns : kFewPatterns;  // dear texts with plain patterns only
    for (uint32_t a = 0; a < std::min(patterns.size(), most); ++a) {
      const uint32_t size = sources.term(x).size + patterns.term(a).size + 1;
      if (size + 1 >= std::min(below, SizeOf(best))) break;
      bool fits = true;
      for (Mask m = goal.mask; m && fits; m &= m - 1) {
        const size_t e = size_t(std::countr_zero(m));
        const std::string_view text = Text(rule.args[0], x, e), what = Text(rule.args[1], a, e), part = Part(goal, e);
        const size_t at = what.empty() ? std::string_view::npos : text.find(what);
        fits = at != std::string_view::npos;
        if (!fits) break;
        const size_t rest = text.size() - at - what.size();
        fits = part.size() >= at + rest && part.substr(0, at) == text.substr(0, at) &&
               part.substr(part.size() - rest) == text.substr(at + what.size());
        middle.lo[e] = goal.lo[e] + uint32_t(at);
        middle.hi[e] = goal.hi[e] - uint32_t(rest);
      }
      if (!fits) continue;
      const auto b = Exact(rule.args[2], middle);
      if (b) Keep(best, AddTree(n, r, {AddLeaf(rule.args[0], x), AddLeaf(rule.args[1], a), AddLeaf(rule.args[2], *b)}));
    }
  }
  return best;
}

Deducer::Found Deducer::InvertFromInt(uint16_t n, size_t r, const Stretch& goal, uint32_t below) {
  IntRange range{std::vector<int32_t>(outputs_.size()), {}, goal.mask};
  for (Mask m = goal.mask; m; m &= m - 1) {
    const size_t e = size_t(std::countr_zero(m));
    const std::string_view part = Part(goal, e);
    if (part.empty() || part.size() > 9 || (part[0] == '0' && part.size() > 1)) return std::nullopt;
    int32_t value = 0;
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    range.least[e] = value;
  }
  range.most = range.least;
  const Found i = Integer(RuleOf(n, r).args[0], range, below - 1);
  if (!i) return std::nullopt;
  return AddTree(n, r, {*i});
}

bool Deducer::InRange(uint16_t n, uint32_t term, const IntRange& goal) const {
  const Word* const values = bank_.shelf(n).values(term);
  for (Mask m = goal.mask; m; m &= m - 1) {
    const size_t e = size_t(std::countr_zero(m));
    if (Signed(values[e]) < goal.least[e] || Signed(values[e]) > goal.most[e]) return false;
  }
  return true;
}

template <class Values>
static uint64_t MaskedHash(Mask mask, const Values& value) {
  uint64_t h = mask;
  for (Mask m = mask; m; m &= m - 1) {
    h = (h ^ uint64_t(uint32_t(value(size_t(std::countr_zero(m)))))) * 0x9e3779b97f4a7c15;
    h ^= h >> 31;
  }
  return h;
}

// From the values on the mask (hashed) to the first, hence cheapest, term that
// has them.
const std::unordered_map<uint64_t, uint32_t>& Deducer::IntegersFor(uint16_t n, Mask mask) {
  if (const auto known = integer_index_.find({n, mask}); known != integer_index_.end()) return known->second;
  const Shelf& shelf = bank_.shelf(n);
  const size_t most = std::min(shelf.size(), budget_->memory_bytes / 8 / kIndexBytes);  // more is not to be remembered
  Remember(most * kIndexBytes);
  auto& index = integer_index_[{n, mask}];
  for (uint32_t id = 0; id < most && !Over(); ++id) {
    const Word* const values = shelf.values(id);
    index.try_emplace(MaskedHash(mask, [&](size_t e) { return values[e]; }), id);
  }
  return index;
}

Deducer::Found Deducer::Integer(uint16_t n, const IntRange& goal, uint32_t below) {
  const auto key = std::pair{n, goal};
  const auto known = integers_.find(key);
  if (known != integers_.end()) {
    if (known->second.first) return SizeOf(known->second.first) < below ? known->second.first : std::nullopt;
    if (known->second.second >= below) return std::nullopt;
  }
  Found found = IntegerUncached(n, goal, below);
  if (!stop_ || found) {
    RememberGoal(2 * goal.least.size() * sizeof(goal.least[0]));
    integers_[key] = {found, below};
  }
  return SizeOf(found) < below ? found : std::nullopt;
}

Deducer::Found Deducer::IntegerUncached(uint16_t n, const IntRange& goal, uint32_t below) {
  const Shelf& shelf = bank_.shelf(n);
  Found best;
  if (goal.least != goal.most) {
    for (uint32_t id = 0; id < shelf.size() && !Over(); ++id) {
      if (InRange(n, id, goal)) {
        best = AddLeaf(n, id);
        break;
      }
    }
    if (best) return best;
    IntRange exact = goal;
    exact.most = exact.least;
    return Integer(n, exact, below);
  }
  const auto& index = IntegersFor(n, goal.mask);
  const auto exact = index.find(MaskedHash(goal.mask, [&](size_t e) { return goal.least[e]; }));
  if (exact != index.end() && InRange(n, exact->second, goal)) best = AddLeaf(n, exact->second);
  for (size_t r = 0; r < Rules(n); ++r) {
    const Rule& rule = RuleOf(n, r);
    if ((!Is(rule, kAdd) && !Is(rule, kSub)) || rule.args[1] != n) continue;
    const bool add = Is(rule, kAdd);
    const Shelf& summands = bank_.shelf(rule.args[0]);
    for (uint32_t a = 0; a < std::min(summands.size(), kMostSummands) && !Over(); ++a) {
      if (summands.term(a).size + 2u >= std::min(below, SizeOf(best))) break;
      const Word* const va = summands.values(a);
      IntRange other = goal;
      const auto wanted = [&](size_t e) { return add ? goal.least[e] - Signed(va[e]) : Signed(va[e]) - goal.least[e]; };
      const auto found = index.find(MaskedHash(goal.mask, wanted));
      if (found == index.end()) continue;
      for (Mask m = goal.mask; m; m &= m - 1) {
        const size_t e = size_t(std::countr_zero(m));
        other.least[e] = other.most[e] = wanted(e);
      }
      if (InRange(n, found->second, other)) Keep(best, AddTree(n, r, {AddLeaf(rule.args[0], a), AddLeaf(n, found->second)}));
    }
  }
  return best;
}

}  // namespace hasten::solve
