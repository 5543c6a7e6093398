#include "models/workspace.h"

#include <algorithm>

#include "kernels/attention/attention.h"
#include "kernels/matmul/matmul.h"
#include "models/ops.h"

namespace hasten {

// Of one lane: attention, the delta rule and the router take turns in it.
static size_t LaneFloats(const WorkspaceLimits& limits) {
  const size_t floats = std::max({AttendScratchFloats(limits.head_width), 2 * limits.head_width, limits.experts});
  return (floats + 15) / 16 * 16;  // whole cache lines
}

// The same for all rows at once, or for each expert's rows by themselves, each padded.
static size_t QuantisedBytes(const WorkspaceLimits& limits) {
  const size_t uses = limits.rows * limits.experts_used;
  const size_t grouped = QuantRowsBytes(uses, std::max(limits.width, limits.expert_ff)) + limits.experts * kQuantRowsPadding;
  return std::max(QuantRowsBytes(limits.rows, limits.columns), grouped);
}

Workspace::Workspace(const WorkspaceLimits& limits)
    : quantised_(QuantisedBytes(limits)),
      lane_quantised_bytes_(QuantRowsBytes(FewRows(limits.lanes), limits.columns)),
      lane_quantised_(limits.lanes * lane_quantised_bytes_),
      lane_floats_(LaneFloats(limits)),
      lanes_(limits.lanes * lane_floats_) {
  const size_t places = limits.rows * limits.experts_used;
  experts_.ids = AlignedBuffer<int32_t>(places);
  experts_.weights = AlignedBuffer<float>(places);
  experts_.places = AlignedBuffer<int32_t>(places);
  experts_.begins = AlignedBuffer<int32_t>(limits.experts + 1);
  experts_.in_or_out = AlignedBuffer<float>(places * limits.width);
  experts_.gate_up = AlignedBuffer<float>(places * 2 * limits.expert_ff);
  experts_.act = AlignedBuffer<float>(places * limits.expert_ff);
}

}  // namespace hasten
