// Mixture of experts: rows are gathered by expert, so that each used expert's weights are read once for all its rows and
// those of the others not at all; outputs are added in ascending order of experts, whatever shared the step.
#include <algorithm>
#include <cstring>

#include "kernels/elementwise/elementwise.h"
#include "kernels/router/router.h"
#include "models/ops.h"
#include "models/products.h"
#include "models/profile.h"
#include "models/workspace.h"

namespace hasten {

static RouterGate GateOf(Router::Gate gate) {
  switch (gate) {
    case Router::Gate::kSoftmax:
      return RouterGate::kSoftmax;
    case Router::Gate::kSigmoid:
      return RouterGate::kSigmoid;
    case Router::Gate::kSoftmaxOfChosen:
      return RouterGate::kSoftmaxOfChosen;
  }
  return RouterGate::kSoftmax;
}

static Elementwise ActOf(Experts::Act act) {
  switch (act) {
    case Experts::Act::kSwiGlu:
      return Elementwise::kSiluGate;
    case Experts::Act::kGeGlu:
      return Elementwise::kGeluGate;
    case Experts::Act::kSwiGluOai:
      return Elementwise::kSwiGluOai;
  }
  return Elementwise::kSiluGate;
}

static void RouteRows(const Exec& e, const Router& router, Mat logits) {
  Workspace::ExpertRows& s = e.work.experts();
  const Range rows = e.lane.Share(logits.rows);
  for (size_t i = rows.begin; i < rows.end; ++i)
    Route({.gate = GateOf(router.gate),
           .normalise = router.normalise,
           .scale = router.scale,
           .logits = logits.row(i),
           .bias = router.selection_bias.empty() ? nullptr : router.selection_bias.data(),
           .experts = logits.width,
           .used = router.used,
           .ids = s.ids.data() + i * router.used,
           .weights = s.weights.data() + i * router.used,
           .scratch = e.work.OfLane(e.lane.index())});
  e.lane.Sync();
}

// Lane 0 counts each expert's rows and gives every use its place: a counting sort, rows staying in order.
static void GroupByExpert(const Exec& e, size_t uses, size_t experts) {
  Workspace::ExpertRows& s = e.work.experts();
  if (e.lane.index() == 0) {
    std::fill_n(s.begins.data(), experts + 1, 0);
    for (size_t i = 0; i < uses; ++i) ++s.begins[size_t(s.ids[i]) + 1];
    for (size_t x = 0; x < experts; ++x) {
      s.read += s.begins[x + 1] > 0;
      s.begins[x + 1] += s.begins[x];
    }
    for (size_t i = 0; i < uses; ++i) s.places[i] = s.begins[size_t(s.ids[i])]++;  // begins move one expert on ...
    for (size_t x = experts; x > 0; --x) s.begins[x] = s.begins[x - 1];            // ... and back
    s.begins[0] = 0;
  }
  e.lane.Sync();
}

static void GatherInputs(const Exec& e, size_t used, Mat x, Mat in) {
  const Workspace::ExpertRows& s = e.work.experts();
  const Range uses = e.lane.Share(x.rows * used);
  for (size_t i = uses.begin; i < uses.end; ++i)
    std::memcpy(in.row(size_t(s.places[i])), x.row(i / used), x.width * sizeof(float));
  e.lane.Sync();
}

// Calls with (expert, its rows of x, those rows quantised or empty) for every expert that has rows. Each expert's quantised
// rows are laid out by themselves, because a product wants its rows from a tile's beginning.
template <class Visit>
static void ForEachExpert(const Exec& e, size_t experts, bool int8, size_t columns, Visit visit) {
  const Workspace::ExpertRows& s = e.work.experts();
  std::byte* memory = e.work.quantised();
  for (size_t id = 0; id < experts; ++id) {
    const Range rows{size_t(s.begins[id]), size_t(s.begins[id + 1])};
    if (rows.empty()) continue;
    visit(id, rows, int8 ? QuantRowsIn(memory, rows.size(), columns) : QuantRows{});
    memory += QuantRowsBytes(rows.size(), columns);
  }
}

// y = x w for every expert's rows; all experts' weights have the types of the first.
static void ExpertProducts(const Exec& e, const std::vector<Linear>& w, Mat x, Mat y) {
  const bool int8 = WantsInt8(w.front());
  if (int8) {
    const Range mine = e.lane.Share(x.rows);
    ForEachExpert(e, w.size(), int8, x.width, [&](size_t, Range rows, const QuantRows& q) {
      const size_t begin = std::clamp(mine.begin, rows.begin, rows.end), end = std::clamp(mine.end, rows.begin, rows.end);
      QuantizeRows({x.row(rows.begin), x.stride, {begin - rows.begin, end - rows.begin}, q});
    });
    e.lane.Sync();
  }
  ForEachExpert(e, w.size(), int8, x.width, [&](size_t id, Range rows, const QuantRows& q) {
    Product(e, w[id], x.Rows(rows.begin, rows.size()), q, Store::kSet, y.Rows(rows.begin, rows.size()));
  });
  e.lane.Sync();
}

static void Activate(const Exec& e, Elementwise op, Mat gate_up, Mat act) {
  auto* const fn = Pick(ElementwiseVariants());
  const Range rows = e.lane.Share(act.rows);
  for (size_t i = rows.begin; i < rows.end; ++i) fn({op, gate_up.row(i), gate_up.row(i) + act.width, act.row(i), act.width, 0});
  e.lane.Sync();
}

// y += weight * output, expert after expert.
static void Combine(const Exec& e, size_t used, Mat out, Mat y) {
  auto* const fn = Pick(ElementwiseVariants());
  const Workspace::ExpertRows& s = e.work.experts();
  const Range rows = e.lane.Share(y.rows);
  for (size_t i = rows.begin; i < rows.end; ++i)
    for (size_t use = i * used; use < (i + 1) * used; ++use)
      fn({Elementwise::kAddScaled, out.row(size_t(s.places[use])), y.row(i), y.row(i), y.width, s.weights[use]});
  e.lane.Sync();
}

void MoeAdd(const Exec& e, const Router& router, const Experts& experts, Mat router_logits, Mat x, Mat y) {
  ProfileScope watch(e, "experts");
  Workspace::ExpertRows& s = e.work.experts();
  const size_t uses = x.rows * router.used, ff = experts.down.front().cols();
  const Mat in_or_out{s.in_or_out.data(), uses, x.width, x.width};
  const Mat gate_up{s.gate_up.data(), uses, 2 * ff, 2 * ff};
  const Mat act{s.act.data(), uses, ff, ff};
  RouteRows(e, router, router_logits);
  GroupByExpert(e, uses, experts.down.size());
  GatherInputs(e, router.used, x, in_or_out);
  ExpertProducts(e, experts.gate_up, in_or_out, gate_up);
  Activate(e, ActOf(experts.act), gate_up, act);
  ExpertProducts(e, experts.down, act, in_or_out);
  Combine(e, router.used, in_or_out, y);
  for (size_t id = 0; watch && id < experts.down.size(); ++id)
    if (const auto rows = size_t(s.begins[id + 1] - s.begins[id]); rows > 0)
      for (const Linear* w : {&experts.gate_up[id], &experts.down[id]}) watch.Product(*w, rows);
}

}  // namespace hasten
