// Which candidate to ask for next. A search is told of every trial, in the order of their numbers, and decides by that and by
// the run's seed alone, so that a run can be taken up again and repeated.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "solve/propose/proposer.h"

namespace hasten::solve {

class Search {
 public:
  virtual ~Search() = default;
  virtual std::string_view name() const = 0;
  // The next round, numbered from `n` on.
  virtual std::vector<Ask> Next(uint64_t n) = 0;
  virtual void Tell(const TrialPtr& trial) = 0;
};

// What may be asked for.
struct SearchOptions {
  uint64_t seed = 0;
  size_t width = 8;       // asks a round
  bool model = false;     // kFresh and kRepair
  bool mutation = false;  // kMutate and kCross, once there is something to change
  bool scored = false;    // there is a number to improve, not only checks to pass
  bool has_seed = false;  // the task came with a program: it is tried first
  size_t islands = 4;
  std::string language = {};  // of the candidates
};

std::unique_ptr<Search> MakeBestOfN(const SearchOptions& options);
std::unique_ptr<Search> MakeRepair(const SearchOptions& options);
std::unique_ptr<Search> MakeTree(const SearchOptions& options);
std::unique_ptr<Search> MakeIslands(const SearchOptions& options);
std::unique_ptr<Search> MakeSweep(const SearchOptions& options);
// By its name; an empty one takes what fits the task: islands for scores, the sweep where nothing but mutation proposes, else
// the tree.
std::unique_ptr<Search> MakeSearch(std::string_view name, const SearchOptions& options);

}  // namespace hasten::solve
