#include "engine/row_sampler.h"

namespace hasten {

void RowSampler::Sample(std::span<const SampleRequest> requests, std::span<int32_t> chosen) {
  const auto sample = [&](const Lane& lane) {
    const Range mine = lane.Share(requests.size());
    for (size_t i = mine.begin; i < mine.end; ++i) {
      const SampleRequest& r = requests[i];
      chosen[i] = r.sampler->Sample(r.logits, r.recent, r.position, work_[lane.index()]);
    }
  };
  if (requests.size() == 1) return sample(Lane::Alone());  // a dispatch would cost more
  team_.Run(sample);
}

}  // namespace hasten
