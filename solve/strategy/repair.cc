// The best candidate is repaired with what it failed; who repairs in vain begins anew.
#include "solve/strategy/search.h"

namespace hasten::solve {
namespace {

class Repair : public Search {
 public:
  explicit Repair(const SearchOptions& options) : options_(options) {}
  std::string_view name() const override { return "repair"; }

  std::vector<Ask> Next(uint64_t n) override {
    if (n == 0 && options_.has_seed) return {{n, Ask::Kind::kSeed}};
    constexpr size_t kPatience = 3;  // rounds without a better candidate
    if (rounds_in_vain_++ == kPatience) {
      best_ = nullptr;
      rounds_in_vain_ = 0;
    }
    std::vector<Ask> asks;
    for (size_t i = 0; i < options_.width; ++i) {
      // One in four begins anew even so: the best of the first round may be a dead end.
      const bool fresh = !best_ || (options_.model && i % 4 == 3);
      if (fresh && options_.model) {
        asks.push_back({n++, Ask::Kind::kFresh});
      } else if (options_.model) {
        asks.push_back({n++, Ask::Kind::kRepair, best_});
      } else {
        asks.push_back({n++, Ask::Kind::kMutate, best_ ? best_ : first_});
      }
    }
    return asks;
  }

  void Tell(const TrialPtr& trial) override {
    if (!first_) first_ = trial;
    if (trial->candidate.empty() || trial->judged.verdict == "duplicate") return;
    if (best_ && trial->Merit() <= best_->Merit()) return;
    best_ = trial;
    rounds_in_vain_ = 0;
  }

 private:
  const SearchOptions options_;
  TrialPtr best_, first_;
  size_t rounds_in_vain_ = 0;
};

}  // namespace

std::unique_ptr<Search> MakeRepair(const SearchOptions& options) { return std::make_unique<Repair>(options); }

}  // namespace hasten::solve
