// All programs of a grammar from the cheapest up, one for each behaviour: two
// that compute the same on the examples are one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "solve/search/budget.h"
#include "solve/search/grammar.h"

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
  explicit Shelf(size_t examples) : examples_(examples) { slots_.resize(256); }
  size_t size() const { return terms_.size(); }
  const Term& term(uint32_t id) const { return terms_[id]; }
  const Word* values(uint32_t id) const { return chunks_[id >> kChunkBits].get() + (id & kChunkMask) * examples_; }
  std::optional<uint32_t> Find(const Word* values) const;
  // Adds the program unless one with these values is there; true if added.
  bool Add(const Term& term, const Word* values);
  size_t begin_of(size_t cost) const { return cost < begins_.size() ? begins_[cost] : terms_.size(); }
  void CloseCost() { begins_.push_back(terms_.size()); }  // what is added from now on costs one more
  size_t bytes() const;

 private:
  static constexpr size_t kChunkBits = 14, kChunkMask = (size_t(1) << kChunkBits) - 1;
  struct Slot {
    uint32_t hash, id;  // id + 1; 0 is free
  };
  uint32_t Hash(const Word* values) const;
  void Grow();

  const size_t examples_;
  std::vector<Term> terms_;
  std::vector<std::unique_ptr<Word[]>> chunks_;
  std::vector<Slot> slots_;
  std::vector<size_t> begins_{0};  // begins_[c]: the first id of cost c
};

class Bank {
 public:
  // `inputs[e][p]` is parameter p of example e. Grammar and pool outlive the
  // bank.
  Bank(const Grammar& grammar, StringPool& pool, std::vector<std::vector<Word>> inputs);

  enum class Growth { kGrown, kStopped, kExhausted };  // kExhausted: the grammar has no more behaviours
  // Adds all programs of the next cost; stops in the middle when the budget
  // ends or `stop` says so.
  Growth Grow(const Budget& budget);

  size_t examples() const { return inputs_.size(); }
  size_t cost() const { return cost_; }  // all programs up to this cost are there
  const Grammar& grammar() const { return grammar_; }
  StringPool& pool() const { return pool_; }
  const Shelf& shelf(uint16_t nonterminal) const { return shelves_[nonterminal]; }
  const std::vector<std::vector<Word>>& inputs() const { return inputs_; }
  size_t evaluated() const { return evaluated_; }  // programs run so far, duplicates included
  size_t bytes() const;

 private:
  void AddLeaves(uint16_t nonterminal);
  bool Apply(uint16_t nonterminal, uint16_t rule);  // false: the budget ended
  bool Try(const Rule& rule, uint16_t nonterminal, const Term& term, const Word* const* kids);

  const Grammar& grammar_;
  StringPool& pool_;
  const std::vector<std::vector<Word>> inputs_;
  std::vector<Shelf> shelves_;
  std::vector<bool> reachable_;
  std::vector<Word> scratch_;
  const Budget* budget_ = nullptr;
  size_t cost_ = 0, evaluated_ = 0, dry_costs_ = 0;
};

}  // namespace hasten::solve
