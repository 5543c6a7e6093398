// All programs of a grammar from the cheapest up, one for each behaviour: two
// that compute the same on the examples are one. When memory is full, the least
// promising are forgotten.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/aligned.h"
#include "base/page_allocator.h"
#include "solve/search/budget.h"
#include "solve/search/grammar.h"
#include "solve/search/promise.h"

namespace hasten::solve {

// A program: a rule over programs found before it.
struct Term {
  uint16_t rule;
  uint8_t cost;  // sum of the rules' costs: when it was found
  uint8_t size;  // nodes
  uint32_t kids[3];
};

// The programs of one nonterminal with their values, one word an example. Ids
// are in order of cost.
class Shelf {
 public:
  // `texts` holds the values where they are strings, and is nullptr where they are not.
  Shelf(size_t examples, const StringPool* texts) : examples_(examples), texts_(texts), slots_(256) {}
  size_t size() const { return terms_.size(); }
  const Term& term(uint32_t id) const { return terms_[id]; }
  const Word* values(uint32_t id) const { return chunks_[id >> kChunkBits].get() + (id & kChunkMask) * examples_; }
  std::optional<uint32_t> Find(const Word* values) const;
  // Asks for the memory that Has() of this mark will look at.
  void Ask(uint64_t mark) const { __builtin_prefetch(&slots_[mark & (slots_.size() - 1)]); }
  // Whether values with this mark are there.
  bool Has(uint64_t mark) const { return slots_[Place(mark)].id != 0; }
  // Adds a program with values of a mark that is not there.
  void Add(const Term& term, const Word* values, uint64_t mark);
  uint64_t MarkOf(const Word* values) const;
  // How marks are made: begun as 0, taken on with each example's value.
  static uint64_t Mark(uint64_t mark, std::string_view text) { return Mark(mark, HashBytes(text.data(), text.size())); }
  static uint64_t Mark(uint64_t mark, uint64_t word) { return Folded(mark ^ word ^ 0x589965cc75374cc3, 0x1d8e4e27c47d124f); }
  size_t begin_of(size_t cost) const { return cost < begins_.size() ? begins_[cost] : terms_.size(); }
  void CloseCost() { begins_.push_back(terms_.size()); }  // what is added from now on costs one more
  size_t costs() const { return begins_.size(); }
  // Forgets the terms from `first` on that `stays` (an entry a term) does not name; ids are those of `renumbered` then.
  void Keep(size_t first, const std::vector<bool>& stays, const std::vector<uint32_t>& renumbered);
  void Renumber(uint32_t id, size_t kid, uint32_t other) { terms_[id].kids[kid] = other; }
  // What it takes, and will have taken when `more` terms have come; and what of it serves terms that are there.
  size_t bytes(size_t more = 0) const;
  size_t live_bytes() const { return terms_.size() * (sizeof(Term) + 2 * sizeof(Slot) + examples_ * sizeof(Word)); }

 private:
  static constexpr size_t kChunkBits = 12, kChunkMask = (size_t(1) << kChunkBits) - 1;
  // Programs are told apart by the marks of their values alone: to look at the values themselves would cost most of the time,
  // and where two marks are alike by chance, a program is lost and none is wrong.
  struct Slot {
    uint64_t mark;
    uint32_t id;  // id + 1; 0 is free
  };
  size_t Place(uint64_t mark) const {  // where it is, or would be
    const size_t mask = slots_.size() - 1;
    size_t at = mark & mask;
    while (slots_[at].id != 0 && slots_[at].mark != mark) at = (at + 1) & mask;
    return at;
  }
  Word* Room(size_t id) { return chunks_[id >> kChunkBits].get() + (id & kChunkMask) * examples_; }
  // Places all anew in so many slots; `id` says what becomes of an id, 0 where it goes.
  template <class NewId>
  void Rehash(size_t slots, NewId id);

  const size_t examples_;
  const StringPool* const texts_;
  std::vector<Term, PageAllocator<Term>> terms_;
  std::vector<std::unique_ptr<Word[]>> chunks_;
  AlignedBuffer<Slot> slots_;
  std::vector<size_t> begins_{0};  // begins_[c]: the first id of cost c
};

class Bank {
 public:
  // `inputs[e][p]` is parameter p of example e. Grammar, pool and promise outlive the bank. Strings that the bank
  // puts into the pool, and others that came after it, leave it with the bank.
  Bank(const Grammar& grammar, StringPool& pool, std::vector<std::vector<Word>> inputs, const Promise& promise);
  ~Bank();
  Bank(const Bank&) = delete;
  Bank& operator=(const Bank&) = delete;

  enum class Growth {
    kGrown,
    kStopped,   // the budget ended, or memory is full of what is needed
    kExhausted  // the grammar has no more behaviours
  };
  // Adds all programs of the next cost; stops in the middle when the budget
  // ends. Takes at most the budget's memory: when that is full, `look` is
  // called, then the less promising half of the newest programs is forgotten
  // (ids after that are other programs'), and it goes on; false from `look`
  // stops it.
  Growth Grow(const Budget& budget, const std::function<bool()>& look);

  size_t examples() const { return inputs_.size(); }
  size_t cost() const { return cost_; }  // all programs up to this cost were there
  const Grammar& grammar() const { return grammar_; }
  StringPool& pool() const { return pool_; }
  const Shelf& shelf(uint16_t nonterminal) const { return shelves_[nonterminal]; }
  const std::vector<std::vector<Word>>& inputs() const { return inputs_; }
  size_t evaluated() const { return evaluated_; }  // programs run so far, duplicates included
  size_t forgotten() const { return forgotten_; }  // programs
  size_t bytes() const { return Bytes(0); }

 private:
  static constexpr size_t kWaiting = 8;
  static constexpr size_t kTurn = 0xfff;         // programs between two looks at clock and memory
  using Marks = std::vector<std::vector<bool>>;  // a mark a term, shelf by shelf
  void AddLeaves(uint16_t nonterminal);
  bool Apply(uint16_t nonterminal, uint16_t rule);  // false: the budget ended
  bool Try(const Rule& rule, uint16_t nonterminal, const Term& term, const Word* const* kids);
  void Settle(uint16_t nonterminal, size_t most);
  bool GoOn(uint16_t nonterminal);
  size_t Bytes(size_t more) const;  // taken when `more` programs have come
  size_t LiveBytes() const;
  // forget.cc
  bool MakeRoom();
  bool MakeHalfRoom();
  size_t Forget(size_t first_cost);
  void SweepPool();
  void MarkBest(uint16_t nonterminal, size_t cost, std::vector<bool>& stays) const;
  void MarkKids(uint16_t nonterminal, size_t cost, Marks& stays) const;
  void Renumber(size_t first_cost, const Marks& stays);

  const Grammar& grammar_;
  StringPool& pool_;
  const std::vector<std::vector<Word>> inputs_;
  const Promise& promise_;
  const uint32_t pool_floor_;  // strings below this id are not the bank's
  std::vector<Shelf> shelves_;
  std::vector<bool> reachable_;
  std::vector<Word> scratch_;
  // Programs that were run and not yet looked for among those that are there: a look waits for memory, so a few are under way.
  // In the order in which they were run, from waiting_[settled_ % kWaiting] on.
  struct Waiting {
    explicit Waiting(size_t examples) : made(examples) {}
    Term term{};
    uint64_t mark = 0;
    std::vector<Made> made;  // an example each
  };
  std::vector<Waiting> waiting_;
  size_t run_ = 0, settled_ = 0;
  const Budget* budget_ = nullptr;
  const std::function<bool()>* look_ = nullptr;
  size_t cost_ = 0, evaluated_ = 0, forgotten_ = 0, dry_costs_ = 0, pool_chunks_ = 0;
};

}  // namespace hasten::solve
