#include "solve/search/bank.h"

#include <algorithm>
#include <utility>

namespace hasten::solve {

uint64_t Shelf::MarkOf(const Word* values) const {
  uint64_t mark = 0;
  for (size_t e = 0; e < examples_; ++e) mark = texts_ ? Mark(mark, (*texts_)[values[e]]) : Mark(mark, values[e]);
  return mark;
}

std::optional<uint32_t> Shelf::Find(const Word* wanted) const {
  const uint32_t found = slots_[Place(MarkOf(wanted))].id;
  if (found == 0 || !std::equal(wanted, wanted + examples_, values(found - 1))) return std::nullopt;
  return found - 1;
}

void Shelf::Add(const Term& term, const Word* new_values, uint64_t mark) {
  const size_t id = terms_.size();
  if ((id >> kChunkBits) == chunks_.size()) {
    chunks_.push_back(std::make_unique_for_overwrite<Word[]>(examples_ << kChunkBits));
  }
  std::copy_n(new_values, examples_, Room(id));
  terms_.push_back(term);
  slots_[Place(mark)] = {mark, uint32_t(id + 1)};
  if (terms_.size() * 2 > slots_.size()) Rehash(slots_.size() * 2, [](uint32_t old) { return old; });
}

template <class NewId>
void Shelf::Rehash(size_t slots, NewId id) {
  const AlignedBuffer<Slot> old = std::exchange(slots_, AlignedBuffer<Slot>(slots));
  for (const Slot& slot : std::span(old.data(), old.size())) {
    if (slot.id == 0) continue;
    const uint32_t now = id(slot.id);
    if (now != 0) slots_[Place(slot.mark)] = {slot.mark, now};
  }
}

void Shelf::Keep(size_t first, const std::vector<bool>& stays, const std::vector<uint32_t>& renumbered) {
  size_t kept = first;
  for (size_t id = first; id < terms_.size(); ++id) {
    if (!stays[id]) continue;
    terms_[kept] = terms_[id];
    std::copy_n(values(uint32_t(id)), examples_, Room(kept));  // towards the front, or onto itself
    ++kept;
  }
  for (size_t& begin : begins_) begin = begin < renumbered.size() ? renumbered[begin] : kept;
  terms_.resize(kept);
  chunks_.resize((kept + kChunkMask) >> kChunkBits);
  Rehash(slots_.size(), [&](uint32_t id) { return id <= first ? id : stays[id - 1] ? renumbered[id - 1] + 1 : 0; });
}

size_t Shelf::bytes(size_t more) const {
  const size_t terms = terms_.capacity(), slots = slots_.size(), wanted = terms_.size() + more;
  const size_t chunks = std::max(chunks_.size(), (wanted + kChunkMask) >> kChunkBits);
  return (wanted > terms ? terms * 3 : terms) * sizeof(Term) + (wanted * 2 > slots ? slots * 3 : slots) * sizeof(Slot) +
         (chunks * examples_ << kChunkBits) * sizeof(Word);
}

Bank::Bank(const Grammar& grammar, StringPool& pool, std::vector<std::vector<Word>> inputs, const Promise& promise)
    : grammar_(grammar),
      pool_(pool),
      inputs_(std::move(inputs)),
      promise_(promise),
      pool_floor_(uint32_t(pool.size())),
      scratch_(inputs_.size()) {
  for (size_t i = 0; i < kWaiting; ++i) waiting_.emplace_back(inputs_.size());
  for (const Nonterminal& n : grammar.nonterminals) {
    shelves_.emplace_back(inputs_.size(), n.sort == Sort::kString ? &pool : nullptr);
  }
  reachable_.assign(grammar.nonterminals.size(), false);
  std::vector<uint16_t> open = {grammar.start};
  while (!open.empty()) {
    const uint16_t n = open.back();
    open.pop_back();
    if (reachable_[n]) continue;
    reachable_[n] = true;
    for (const Rule& rule : grammar.nonterminals[n].rules) open.insert(open.end(), rule.args, rule.args + rule.arity());
  }
}

Bank::~Bank() { pool_.Sweep(pool_floor_, std::vector<bool>(pool_.size())); }

Bank::Growth Bank::Grow(const Budget& budget, const std::function<bool()>& look) {
  budget_ = &budget;
  look_ = &look;
  if (!MakeHalfRoom()) return Growth::kStopped;
  size_t before = 0, after = 0;
  for (Shelf& shelf : shelves_) {
    before += shelf.size();
    shelf.CloseCost();
  }
  ++cost_;
  for (uint16_t n = 0; n < grammar_.nonterminals.size(); ++n) {
    if (!reachable_[n]) continue;
    if (cost_ == 1) AddLeaves(n);
    for (uint16_t r = 0; r < grammar_.nonterminals[n].rules.size(); ++r) {
      const bool whole = Apply(n, r);
      Settle(n, 0);
      if (!whole) return Growth::kStopped;
    }
  }
  for (const Shelf& shelf : shelves_) after += shelf.size();
  // The dearest rule adds at most 4 to what its parts cost, so some empty costs
  // in a row may yet be followed by a full one.
  dry_costs_ = after == before ? dry_costs_ + 1 : 0;
  return dry_costs_ > 4 + 3 * cost_ / 2 ? Growth::kExhausted : Growth::kGrown;
}

void Bank::AddLeaves(uint16_t nonterminal) {
  const auto& rules = grammar_.nonterminals[nonterminal].rules;
  for (uint16_t r = 0; r < rules.size(); ++r) {
    if (rules[r].op) continue;
    for (size_t e = 0; e < inputs_.size(); ++e) {
      scratch_[e] = rules[r].param >= 0 ? inputs_[e][size_t(rules[r].param)] : rules[r].constant;
    }
    ++evaluated_;
    Shelf& shelf = shelves_[nonterminal];
    const uint64_t mark = shelf.MarkOf(scratch_.data());
    if (!shelf.Has(mark)) shelf.Add({.rule = r, .cost = 1, .size = 1, .kids = {}}, scratch_.data(), mark);
  }
}

// Up from the work: at the clock, and at the memory that the next turn may take.
bool Bank::GoOn(uint16_t nonterminal) {
  Settle(nonterminal, 0);
  pool_chunks_ = pool_.chunks();
  if (budget_->Over()) return false;
  return Bytes(kTurn) < budget_->memory_bytes || MakeRoom();
}

bool Bank::Try(const Rule& rule, uint16_t nonterminal, const Term& term, const Word* const* kids) {
  if (((++evaluated_ & kTurn) == 0 || pool_.chunks() > pool_chunks_) && !GoOn(nonterminal)) return false;
  const bool texts = rule.op->result == Sort::kString;
  Waiting& now = waiting_[run_ % kWaiting];
  now.mark = 0;
  for (size_t e = 0; e < now.made.size(); ++e) {
    Made& made = now.made[e];
    const Word args[3] = {kids[0][e], kids[1] ? kids[1][e] : 0, kids[2] ? kids[2][e] : 0};
    if (!rule.op->apply(pool_, args, &made)) return true;
    now.mark = texts ? Shelf::Mark(now.mark, made.text) : Shelf::Mark(now.mark, made.word);
  }
  now.term = term;
  shelves_[nonterminal].Ask(now.mark);
  ++run_;
  Settle(nonterminal, kWaiting - 1);
  return true;
}

// Adds what is new among the programs that wait, until at most so many do.
void Bank::Settle(uint16_t nonterminal, size_t most) {
  Shelf& shelf = shelves_[nonterminal];
  const bool texts = grammar_.nonterminals[nonterminal].sort == Sort::kString;
  for (; run_ - settled_ > most; ++settled_) {
    const Waiting& next = waiting_[settled_ % kWaiting];
    if (shelf.Has(next.mark)) continue;
    for (size_t e = 0; e < scratch_.size(); ++e) scratch_[e] = texts ? pool_.Intern(next.made[e].text) : next.made[e].word;
    shelf.Add(next.term, scratch_.data(), next.mark);
  }
}

// All ways to spend cost_ - rule.cost on the rule's arguments. A kid's cost is
// fixed first, then its id: ids are in order of cost.
bool Bank::Apply(uint16_t nonterminal, uint16_t r) {
  const Rule& rule = grammar_.nonterminals[nonterminal].rules[r];
  const size_t arity = rule.arity();
  if (arity == 0 || cost_ < rule.cost() + arity) return true;
  const size_t budget = cost_ - rule.cost();
  const Shelf& a = shelves_[rule.args[0]];
  const Shelf& b = shelves_[rule.args[1]];
  const Shelf& c = shelves_[rule.args[2]];
  const bool ordered = rule.op->commutative && rule.args[0] == rule.args[1];
  Term term{.rule = r, .cost = uint8_t(cost_), .size = 0, .kids = {}};
  const Word* kids[3] = {};
  for (size_t cost_a = 1; cost_a + arity - 1 <= budget; ++cost_a) {
    if (arity == 1 && cost_a != budget) continue;
    const size_t end_a = a.begin_of(cost_a + 1);
    for (size_t i = a.begin_of(cost_a); i < end_a; ++i) {
      term.kids[0] = uint32_t(i);
      kids[0] = a.values(uint32_t(i));
      const uint8_t size_a = uint8_t(1 + a.term(uint32_t(i)).size);
      if (arity == 1) {
        term.size = size_a;
        if (!Try(rule, nonterminal, term, kids)) return false;
        continue;
      }
      for (size_t cost_b = arity == 2 ? budget - cost_a : 1; cost_a + cost_b + arity - 2 <= budget; ++cost_b) {
        const size_t end_b = b.begin_of(cost_b + 1);
        for (size_t j = std::max(b.begin_of(cost_b), ordered ? i : 0); j < end_b; ++j) {
          term.kids[1] = uint32_t(j);
          kids[1] = b.values(uint32_t(j));
          const uint8_t size_b = uint8_t(size_a + b.term(uint32_t(j)).size);
          if (arity == 2) {
            term.size = size_b;
            if (!Try(rule, nonterminal, term, kids)) return false;
            continue;
          }
          const size_t cost_c = budget - cost_a - cost_b, end_c = c.begin_of(cost_c + 1);
          for (size_t k = c.begin_of(cost_c); k < end_c; ++k) {
            term.kids[2] = uint32_t(k);
            kids[2] = c.values(uint32_t(k));
            term.size = uint8_t(size_b + c.term(uint32_t(k)).size);
            if (!Try(rule, nonterminal, term, kids)) return false;
          }
        }
      }
    }
  }
  return true;
}

size_t Bank::Bytes(size_t more) const {
  size_t bytes = pool_.bytes(more * examples());
  for (const Shelf& shelf : shelves_) bytes += shelf.bytes(more);
  return bytes;
}

}  // namespace hasten::solve
