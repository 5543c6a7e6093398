// Verbs with a state that runs along a sequence: short convolutions and the gated delta rule.
#include "kernels/conv/short_conv.h"
#include "kernels/delta/gated_delta.h"
#include "models/ops.h"
#include "models/profile.h"
#include "models/workspace.h"

namespace hasten {

void ShortConv(const Exec& e, const Step& step, size_t state_offset, std::span<const float> kernel, size_t kernel_width, Mat x,
               Mat y) {
  const ProfileScope watch(e, "short convolution");
  auto* const fn = Pick(ShortConvVariants());
  const Range channels = e.lane.Share(x.width, 16);
  for (const SeqView& seq : step.seqs)
    fn({.x = x.row(seq.first_row) + channels.begin,
        .x_stride = x.stride,
        .y = y.row(seq.first_row) + channels.begin,
        .y_stride = y.stride,
        .kernel = kernel.data() + channels.begin * kernel_width,
        .state = seq.state + state_offset + channels.begin,
        .state_stride = x.width,
        .rows = seq.rows,
        .channels = channels.size(),
        .taps = kernel_width});
  e.lane.Sync();
}

void GatedDelta(const Exec& e, const DeltaRule& rule, const Step& step, size_t state_offset, Mat q, Mat k, Mat v, Mat decay,
                Mat beta, Mat y) {
  const ProfileScope watch(e, "delta rule");
  auto* const fn = Pick(GatedDeltaVariants());
  const Range mine = e.lane.Share(step.seqs.size() * rule.value_heads);
  for (size_t unit = mine.begin; unit < mine.end; ++unit) {
    const SeqView& seq = step.seqs[unit / rule.value_heads];
    const size_t head = unit % rule.value_heads, key_head = head % rule.key_heads, row = seq.first_row;
    fn({.q = q.row(row) + key_head * rule.key_width,
        .q_stride = q.stride,
        .k = k.row(row) + key_head * rule.key_width,
        .k_stride = k.stride,
        .v = v.row(row) + head * rule.value_width,
        .v_stride = v.stride,
        .decay = decay.row(row) + head,
        .decay_stride = decay.stride,
        .beta = beta.row(row) + head,
        .beta_stride = beta.stride,
        .y = y.row(row) + head * rule.value_width,
        .y_stride = y.stride,
        .state = seq.state + state_offset + head * rule.key_width * rule.value_width,
        .scratch = e.work.OfLane(e.lane.index()),
        .rows = seq.rows,
        .key_width = rule.key_width,
        .value_width = rule.value_width,
        .eps = rule.eps});
  }
  e.lane.Sync();
}

}  // namespace hasten
