#include "solve/search/deduce.h"

#include <bit>

namespace hasten::solve {

Deducer::Deducer(const Bank& bank, std::vector<Word> outputs)
    : bank_(bank), outputs_(std::move(outputs)), all_(outputs_.size() >= 64 ? ~Mask(0) : (Mask(1) << outputs_.size()) - 1) {}

void Deducer::ForgetAll() {
  leaves_.clear();
  integers_.clear();
  integer_index_.clear();
  for (auto& [n, pieces] : pieces_) pieces.by_mask.clear();
  remembered_ = 0;
}

void Deducer::Remember(size_t bytes) {
  if (remembered_ + bytes > budget_->memory_bytes / 4) ForgetAll();
  remembered_ += bytes;
}

TreeId Deducer::AddLeaf(uint16_t n, uint32_t term) {
  const Term& t = bank_.shelf(n).term(term);
  trees_.push_back({n, t.rule, true, t.size, {term, 0, 0}});
  return TreeId(trees_.size() - 1);
}

TreeId Deducer::AddTree(uint16_t n, size_t rule, std::initializer_list<TreeId> kids) {
  Tree tree{n, uint16_t(rule), false, 1, {}};
  size_t i = 0;
  for (const TreeId kid : kids) {
    tree.kids[i++] = kid;
    tree.size += trees_[kid].size;
  }
  trees_.push_back(tree);
  return TreeId(trees_.size() - 1);
}

std::optional<TreeId> Deducer::Solve(const Budget& budget, double seconds, uint32_t below) {
  budget_ = &budget;
  until_ = budget.Elapsed() + seconds;
  stop_ = false;
  ForgetAll();
  const uint16_t start = bank_.grammar().start;
  Stretch goal{Positions(outputs_.size()), Positions(outputs_.size()), all_};
  if (SortOf(start) == Sort::kString) {
    for (size_t e = 0; e < outputs_.size(); ++e) goal.hi[e] = uint32_t(Wanted(e).size());
  }
  Found best;
  if (const auto term = bank_.shelf(start).Find(outputs_.data())) Keep(best, AddLeaf(start, *term));
  below = std::min(below, SizeOf(best));
  if (const Found leaf = LeafOf(start, goal, below)) Keep(best, *leaf);
  below = std::min(below, SizeOf(best));
  if (const Found tree = Decide(start, goal, below, 8)) Keep(best, *tree);
  if (!best && SortOf(start) == Sort::kString) best = DecideInside(start, goal, below);
  return best;
}

}  // namespace hasten::solve
