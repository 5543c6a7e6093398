#include "serve/measured.h"

#include <algorithm>

namespace hasten {

static constexpr double kSeconds = 0.06;  // for each figure: a twentieth more or less is not seen on a page
static constexpr size_t kLargestBuffer = size_t{1} << 30;

std::optional<MachineLimits> Measured::machine() const {
  const std::lock_guard lock(mutex_);
  return machine_;
}

void Measured::Measure() {
  const std::lock_guard one(measuring_);
  if (!machine()) {
    models_.WithTeam([&](Team& team) {
      const MachineLimits limits = MeasureMachine(team, kSeconds);
      const std::lock_guard lock(mutex_);
      machine_ = limits;
    });
  }
  for (size_t i = 0; i < models_.all().size(); ++i) {
    const std::string& id = models_.all()[i].id();
    const auto worker = models_.Loaded(i);
    if (!worker) continue;
    {
      const std::lock_guard lock(mutex_);
      if (read_bytes_.contains(id)) continue;
    }
    const size_t bytes = WorkingSetBytes(worker->info(), DecodeWork(1, 0, 0));
    models_.WithTeam([&](Team& team) {
      // What does not fit the caches is read as memory is.
      const size_t cache = LastLevelCacheBytes();
      const bool large = bytes > kLargestBuffer || (cache > 0 && bytes > 4 * cache);
      const double rate = large ? machine_->memory_bytes : MeasureRead(team, bytes, kSeconds);
      const std::lock_guard lock(mutex_);
      read_bytes_[id] = rate;
    });
  }
}

std::optional<double> Measured::Limit(const std::string& model, const ModelInfo& info, const PassWork& work) const {
  const std::lock_guard lock(mutex_);
  const auto read = read_bytes_.find(model);
  if (!machine_ || read == read_bytes_.end()) return {};
  const double seconds = FloorSeconds(info, *machine_, read->second, work);
  if (seconds <= 0) return {};
  return work.rows / seconds;
}

}  // namespace hasten
