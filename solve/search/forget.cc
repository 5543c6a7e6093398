// What a full bank forgets: of each nonterminal and cost the less promising half. A program that a dearer one uses stays as
// long as that one.
#include <array>

#include "solve/search/bank.h"

namespace hasten::solve {

// Fewer programs than this of one nonterminal and cost are the plain parts of everything: they stay.
static constexpr size_t kFew = 64;

size_t Bank::LiveBytes() const {
  size_t bytes = pool_.live_bytes();
  for (const Shelf& shelf : shelves_) bytes += shelf.live_bytes();
  return bytes;
}

// In the middle of a cost: its programs are nobody's parts yet, so ids below theirs stay what they are. False where the bank is
// to stop: nobody wants more, or all that is left is needed.
bool Bank::MakeRoom() {
  if (!(*look_)()) return false;
  do {
    if (Forget(cost_) == 0) return false;
  } while (Bytes(kTurn) >= budget_->memory_bytes);
  return true;
}

// Between two costs: the programs of the next one find half of the memory free, which is more than tables that double take.
bool Bank::MakeHalfRoom() {
  if (LiveBytes() <= budget_->memory_bytes / 2) return true;
  if (!(*look_)()) return false;
  SweepPool();  // what searches beside the bank have left there is not the bank's
  while (LiveBytes() > budget_->memory_bytes / 2) {
    if (Forget(1) == 0) return false;
  }
  return true;
}

size_t Bank::Forget(size_t first_cost) {
  Marks stays;
  size_t before = 0, after = 0;
  for (const Shelf& shelf : shelves_) {
    stays.emplace_back(shelf.size());
    before += shelf.size();
  }
  for (size_t cost = cost_; cost >= first_cost; --cost) {
    for (uint16_t n = 0; n < shelves_.size(); ++n) {
      MarkBest(n, cost, stays[n]);
      MarkKids(n, cost, stays);
    }
  }
  Renumber(first_cost, stays);
  for (const Shelf& shelf : shelves_) after += shelf.size();
  forgotten_ += before - after;
  SweepPool();
  return before - after;
}

// Drops the texts that no program has for a value.
void Bank::SweepPool() {
  std::vector<bool> used(pool_.size());
  for (uint16_t n = 0; n < shelves_.size(); ++n) {
    if (grammar_.nonterminals[n].sort != Sort::kString) continue;
    for (uint32_t id = 0; id < shelves_[n].size(); ++id) {
      for (size_t e = 0; e < examples(); ++e) used[shelves_[n].values(id)[e]] = true;
    }
  }
  pool_.Sweep(pool_floor_, used);
  pool_chunks_ = pool_.chunks();
}

// Marks the better half of the programs of one cost, the earlier ones first where they promise the same.
void Bank::MarkBest(uint16_t nonterminal, size_t cost, std::vector<bool>& stays) const {
  const Shelf& shelf = shelves_[nonterminal];
  const Sort sort = grammar_.nonterminals[nonterminal].sort;
  const size_t begin = shelf.begin_of(cost), count = shelf.begin_of(cost + 1) - begin;
  std::vector<uint8_t> promises(count);
  std::array<size_t, Promise::kWanted + 1> with{};
  for (size_t i = 0; i < count; ++i) ++with[promises[i] = promise_.Of(sort, shelf.values(uint32_t(begin + i)))];
  size_t room = count <= kFew ? count : count / 2;
  std::array<size_t, Promise::kWanted + 1> quota{};
  for (size_t promise = with.size(); promise-- > 0; room -= quota[promise]) quota[promise] = std::min(room, with[promise]);
  for (size_t i = 0; i < count; ++i) {
    if (quota[promises[i]] == 0) continue;
    --quota[promises[i]];
    stays[begin + i] = true;
  }
}

void Bank::MarkKids(uint16_t nonterminal, size_t cost, Marks& stays) const {
  const Shelf& shelf = shelves_[nonterminal];
  for (size_t id = shelf.begin_of(cost); id < shelf.begin_of(cost + 1); ++id) {
    if (!stays[nonterminal][id]) continue;
    const Term& term = shelf.term(uint32_t(id));
    const Rule& rule = grammar_.nonterminals[nonterminal].rules[term.rule];
    for (size_t kid = 0; kid < rule.arity(); ++kid) stays[rule.args[kid]][term.kids[kid]] = true;
  }
}

void Bank::Renumber(size_t first_cost, const Marks& stays) {
  std::vector<std::vector<uint32_t>> renumbered(shelves_.size());  // the number of those that stay before each
  std::vector<size_t> first;
  for (size_t n = 0; n < shelves_.size(); ++n) {
    first.push_back(shelves_[n].begin_of(first_cost));
    uint32_t kept = 0;
    for (size_t id = 0; id < stays[n].size(); ++id) {
      renumbered[n].push_back(kept);
      kept += id < first[n] || stays[n][id];
    }
  }
  for (uint16_t n = 0; n < shelves_.size(); ++n) {
    Shelf& shelf = shelves_[n];
    for (size_t id = first[n]; id < shelf.size(); ++id) {
      const Term& term = shelf.term(uint32_t(id));
      const Rule& rule = grammar_.nonterminals[n].rules[term.rule];
      for (size_t kid = 0; kid < rule.arity(); ++kid) {
        shelf.Renumber(uint32_t(id), kid, renumbered[rule.args[kid]][term.kids[kid]]);
      }
    }
    shelf.Keep(first[n], stays[n], renumbered[n]);
  }
}

}  // namespace hasten::solve
