// How many tokens to draft: as many as make a token cheapest, from what came true of earlier drafts and what rows cost.
//
// A pass over a chosen token and k drafted ones costs 1 + k (row + draft) of a pass over the one alone, and yields
// 1 + p + p^2 + … + p^k tokens where each drafted one comes true with probability p. The best k is 0 where p is below the
// cost of a row, so that drafts which keep failing are no longer made; now and then one is tried again.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace hasten {

// How often drafts of one kind come true, token by token, the recent ones counting more.
class Acceptance {
 public:
  explicit Acceptance(double expected) : expected_(expected), accepted_(kDoubt * expected), judged_(kDoubt) {}
  double probability() const { return accepted_ / judged_; }
  // Of `drafted` tokens the first `accepted` came true; those behind the first that did not were not judged.
  void Learn(size_t drafted, size_t accepted);
  void Forget();  // a step without a draft: back towards the expectation, so that it is tried again

 private:
  static constexpr double kDoubt = 4;  // drafted tokens that weigh as much as the expectation
  double expected_, accepted_, judged_;
};

// What a pass costs by its number of rows, as a straight line through the passes seen, the recent ones counting more.
class PassCost {
 public:
  void Learn(double rows, double seconds);
  double OfRow() const;  // one more row, as a share of a pass over one row
  // The same as a share of a row's part of a pass over `rows` of them: 1 where a pass costs its rows and nothing else.
  double OfRowBeside(double rows) const { return OfRow() * rows / (1 + OfRow() * (rows - 1)); }
  double OfPass(double rows) const { return OfOneRow() * (1 + OfRow() * (rows - 1)); }  // seconds
  double OfOneRow() const;                                                              // seconds; 0 where none was seen
 private:
  double weight_ = 0, rows_ = 0, rows2_ = 0, seconds_ = 0, product_ = 0;
};

struct DraftChoice {
  size_t tokens = 0;
  double gain = 1;  // tokens for the price of one
};
// `cost` of a drafted token, its row and the drafting together, as a share of a pass over one row.
DraftChoice BestDraft(double probability, double cost, size_t most);

}  // namespace hasten
