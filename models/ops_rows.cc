// Verbs that work row by row: norms, gates, sums, rotary embedding. Lanes split the rows, or the numbers where rows are few,
// or each does everything for its own copy.
#include <algorithm>
#include <cstring>

#include "kernels/elementwise/elementwise.h"
#include "kernels/norm/norm.h"
#include "kernels/rope/rope.h"
#include "models/ops.h"
#include "models/profile.h"

namespace hasten {

// The rows of y that this lane writes.
static Range RowsOf(const Exec& e, Mat y) { return y.own ? Range{0, y.rows} : e.lane.Share(y.rows); }

static void MeetUnlessOwn(const Exec& e, Mat y) {
  if (!y.own) e.lane.Sync();
}

// y[i] = op(a[i], b[i]) for this lane's share: whole rows, or columns in cache lines when there are fewer rows than lanes.
static void ForEach(const Exec& e, Elementwise op, Mat a, Mat b, Mat y, float s = 0) {
  const ProfileScope watch(e, "gates and sums");
  auto* const fn = Pick(ElementwiseVariants());
  const bool by_rows = y.own || y.rows >= e.lane.count();
  const Range rows = by_rows ? RowsOf(e, y) : Range{0, y.rows};
  const Range columns = by_rows ? Range{0, y.width} : e.lane.Share(y.width, 16);
  for (size_t i = rows.begin; i < rows.end && !columns.empty(); ++i)
    fn({op, a.row(i) + columns.begin, b.data ? b.row(i) + columns.begin : nullptr, y.row(i) + columns.begin, columns.size(),
        s});
  MeetUnlessOwn(e, y);
}

void Add(const Exec& e, Mat x, Mat y) { ForEach(e, Elementwise::kAdd, x, y, y); }
void Scale(const Exec& e, float s, Mat y) { ForEach(e, Elementwise::kScale, y, {}, y, s); }
void SoftCap(const Exec& e, float cap, Mat y) { ForEach(e, Elementwise::kSoftCap, y, {}, y, cap); }
void SiluGate(const Exec& e, Mat gate, Mat y) { ForEach(e, Elementwise::kSiluGate, gate, y, y); }
void Silu(const Exec& e, Mat y) { ForEach(e, Elementwise::kSilu, y, {}, y); }
void Multiply(const Exec& e, Mat x, Mat y) { ForEach(e, Elementwise::kMultiply, x, y, y); }

static void GateUp(const Exec& e, Elementwise op, Mat gate_up, Mat act) {
  const size_t width = gate_up.width / 2;
  ForEach(e, op, gate_up.Cols(0, width), gate_up.Cols(width, width), act);
}
void SwiGlu(const Exec& e, Mat gate_up, Mat act) { GateUp(e, Elementwise::kSiluGate, gate_up, act); }
void GeGlu(const Exec& e, Mat gate_up, Mat act) { GateUp(e, Elementwise::kGeluGate, gate_up, act); }
void SwiGluOai(const Exec& e, Mat gate_up, Mat act) { GateUp(e, Elementwise::kSwiGluOai, gate_up, act); }

void SigmoidGate(const Exec& e, Mat gate, Mat y) {
  if (gate.width == y.width) return ForEach(e, Elementwise::kSigmoidGate, gate, y, y);
  const ProfileScope watch(e, "gates and sums");
  auto* const fn = Pick(ElementwiseVariants());
  const Range rows = e.lane.Share(y.rows);
  for (size_t i = rows.begin; i < rows.end; ++i) {
    float factor;
    fn({Elementwise::kSigmoid, gate.row(i), nullptr, &factor, 1, 0});
    fn({Elementwise::kScale, y.row(i), nullptr, y.row(i), y.width, factor});
  }
  e.lane.Sync();
}

void DeltaGates(const Exec& e, std::span<const float> a, std::span<const float> bias, Mat decay, Mat beta) {
  const ProfileScope watch(e, "delta gates");
  auto* const fn = Pick(ElementwiseVariants());
  const Range rows = e.lane.Share(decay.rows);
  for (size_t i = rows.begin; i < rows.end; ++i) {
    float* d = decay.row(i);
    fn({Elementwise::kAdd, d, bias.data(), d, decay.width, 0});
    fn({Elementwise::kSoftplus, d, nullptr, d, decay.width, 0});
    fn({Elementwise::kMultiply, d, a.data(), d, decay.width, 0});
    fn({Elementwise::kSigmoid, beta.row(i), nullptr, beta.row(i), beta.width, 0});
  }
  e.lane.Sync();
}

void GatherRows(const Exec& e, Mat x, std::span<const int32_t> rows, Mat y) {
  const ProfileScope watch(e, "gather rows");
  const Range mine = RowsOf(e, y);
  for (size_t i = mine.begin; i < mine.end; ++i) std::memcpy(y.row(i), x.row(size_t(rows[i])), x.width * sizeof(float));
  MeetUnlessOwn(e, y);
}

void RmsNorm(const Exec& e, Mat x, std::span<const float> weight, float eps, Mat y) {
  const ProfileScope watch(e, "norm");
  const Range rows = RowsOf(e, y);
  Pick(RmsNormVariants())({.x = x.row(rows.begin),
                           .x_stride = x.stride,
                           .weight = weight.data(),
                           .y = y.row(rows.begin),
                           .y_stride = y.stride,
                           .rows = rows.size(),
                           .width = x.width,
                           .eps = eps});
  MeetUnlessOwn(e, y);
}

void RmsNormHeads(const Exec& e, Mat x, size_t heads, std::span<const float> weight, float eps) {
  const ProfileScope watch(e, "norm of heads");
  auto* const fn = Pick(RmsNormVariants());
  const Range mine = e.lane.Share(x.rows * heads);  // heads of all rows, one after the other
  for (size_t i = mine.begin; i < mine.end;) {
    const size_t row = i / heads, head = i % heads, count = std::min(mine.end - i, heads - head);
    float* first = x.row(row) + head * weight.size();
    fn({.x = first,
        .x_stride = weight.size(),
        .weight = weight.data(),
        .y = first,
        .y_stride = weight.size(),
        .rows = count,
        .width = weight.size(),
        .eps = eps});
    i += count;
  }
  e.lane.Sync();
}

void ApplyRope(const Exec& e, const Rope& rope, std::span<const int32_t> positions, size_t heads, size_t head_width, Mat x) {
  const ProfileScope watch(e, "rope");
  auto* const fn = Pick(RopeVariants());
  const Range rows = e.lane.Share(x.rows);
  for (size_t i = rows.begin; i < rows.end; ++i)
    fn({.inverse_frequency = rope.inverse_frequency.data(),
        .pairs = rope.inverse_frequency.size(),
        .scale = rope.scale,
        .halves = rope.pairing == Rope::Pairing::kHalves,
        .position = positions[i],
        .x = x.row(i),
        .heads = heads,
        .head_width = head_width});
  e.lane.Sync();
}

}  // namespace hasten
