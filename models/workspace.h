// Memory that the verbs of a forward pass share: quantised activations, each lane's scratch, the experts' rows.
// Sized once when a model makes its Scratch; nothing is allocated per token.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/aligned.h"

namespace hasten {

// Upper bounds of what the verbs will be called with.
struct WorkspaceLimits {
  size_t rows = 1, lanes = 1;
  size_t columns = 0;     // inputs of the widest weight product
  size_t head_width = 0;  // of attention, or the key width of the delta rule
  size_t experts = 0, experts_used = 0;
  size_t width = 0;      // D, of a model with experts
  size_t expert_ff = 0;  // F of one expert
};

class Workspace {
 public:
  explicit Workspace(const WorkspaceLimits& limits);

  std::byte* quantised() { return quantised_.data(); }
  std::byte* QuantisedOfLane(size_t lane) {
    return lane_quantised_.data() + lane * lane_quantised_bytes_;
  }  // fewer rows than lanes
  float* OfLane(size_t lane) { return lanes_.data() + lane * lane_floats_; }

  // Mixture of experts. A "place" is one use of an expert by a row; places are grouped by expert.
  struct ExpertRows {
    AlignedBuffer<int32_t> ids;      // [T, used] chosen experts of a row, ascending
    AlignedBuffer<float> weights;    // [T, used]
    AlignedBuffer<int32_t> places;   // [T, used] where the row stands among its expert's
    AlignedBuffer<int32_t> begins;   // [E + 1] first place of each expert
    AlignedBuffer<float> in_or_out;  // [T used, D] gathered inputs, then the outputs
    AlignedBuffer<float> gate_up;    // [T used, 2F]
    AlignedBuffer<float> act;        // [T used, F]
    size_t read = 0;                 // experts with rows, of all passes
  };
  ExpertRows& experts() { return experts_; }
  size_t experts_read() const { return experts_.read; }

 private:
  AlignedBuffer<std::byte> quantised_;
  size_t lane_quantised_bytes_;
  AlignedBuffer<std::byte> lane_quantised_;
  size_t lane_floats_;
  AlignedBuffer<float> lanes_;
  ExpertRows experts_;
};

}  // namespace hasten
