// Every candidate on its own: nothing is learned, and nothing can mislead.
#include "solve/strategy/search.h"

namespace hasten::solve {
namespace {

class BestOfN : public Search {
 public:
  explicit BestOfN(const SearchOptions& options) : options_(options) {}
  std::string_view name() const override { return "best-of-n"; }

  std::vector<Ask> Next(uint64_t n) override {
    std::vector<Ask> asks;
    if (n == 0 && options_.has_seed) asks.push_back({n++, Ask::Kind::kSeed});
    if (!options_.model && !asks.empty()) return asks;  // what is to be mutated must have been judged
    while (asks.size() < options_.width) {
      if (options_.model) {
        asks.push_back({n++, Ask::Kind::kFresh});
      } else {
        asks.push_back({n++, Ask::Kind::kMutate, seed_});
      }
    }
    return asks;
  }

  void Tell(const TrialPtr& trial) override {
    if (!seed_) seed_ = trial;
  }

 private:
  const SearchOptions options_;
  TrialPtr seed_;
};

}  // namespace

std::unique_ptr<Search> MakeBestOfN(const SearchOptions& options) { return std::make_unique<BestOfN>(options); }

std::unique_ptr<Search> MakeSearch(std::string_view name, const SearchOptions& options) {
  if (name == "best-of-n") return MakeBestOfN(options);
  if (name == "repair") return MakeRepair(options);
  if (name == "tree") return MakeTree(options);
  if (name == "sweep") return MakeSweep(options);
  if (name == "islands" || options.scored) return MakeIslands(options);
  if (!options.model) return MakeSweep(options);
  return MakeTree(options);
}

}  // namespace hasten::solve
