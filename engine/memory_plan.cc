#include "engine/memory_plan.h"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "base/memory.h"

namespace hasten {

// Where the model file does not say what it was trained for.
static constexpr size_t kUnknownContext = 4096;
// Recurrent states are kept at block boundaries so that prompts can continue from there; more than this many seldom pays.
static constexpr size_t kMostSnapshots = 64;
// Ids of blocks are int32, and so are the sizes of the arrays that they index.
static constexpr size_t kMostBlocks = size_t{1} << 30;

static constexpr double kMiB = 1 << 20;

// What is left of the budget once every sequence has its recurrent state.
static Result<size_t> AfterStates(const ModelInfo& m, const EngineOptions& o, size_t count, size_t budget) {
  const size_t states = m.state_floats * sizeof(float) * count;
  if (states < budget) return budget - states;
  return Error{Code::kExhausted, Fmt("the recurrent states of %zu sequences take %.1f MiB, and the memory for keys, values and "
                                     "states is %.1f MiB: allow more memory or fewer sequences",
                                     o.max_sequences, double(states) / kMiB, double(budget) / kMiB)};
}

Result<MemoryPlan> PlanMemory(const ModelInfo& m, const EngineOptions& o) {
  if (o.max_sequences == 0 || o.max_rows == 0) {
    return Error{Code::kBadInput,
                 Fmt("an engine needs at least one sequence and one row a pass, not %zu and %zu", o.max_sequences, o.max_rows)};
  }
  if (o.context > size_t(std::numeric_limits<int32_t>::max()) || o.max_sequences > kMostBlocks) {
    return Error{Code::kBadInput, Fmt("a context of %zu tokens for %zu sequences is beyond what positions can count", o.context,
                                      o.max_sequences)};
  }
  MemoryPlan plan;
  plan.block_bytes = KvBlockBytes(m.kv_heads, m.head_width, o.kv_type);
  size_t budget = o.memory_bytes;
  if (budget == 0) budget = FreeMemoryBytes() / 2;
  if (budget == 0) budget = size_t{1} << 30;
  plan.states = o.max_sequences * (o.marks ? 2 : 1);
  TRY(size_t left, AfterStates(m, o, plan.states, budget));
  if (m.state_floats > 0 && o.prefix_cache) {
    const size_t bytes = m.state_floats * sizeof(float);
    plan.snapshots = std::min(kMostSnapshots, left / 4 / bytes);
    left -= plan.snapshots * bytes;
  }
  const size_t bytes = std::max<size_t>(plan.block_bytes * m.kv_layers, 1);
  const size_t most = std::min(left / bytes, kMostBlocks);
  plan.context = o.context;
  if (plan.context == 0) {
    plan.context = m.trained_context > 0 ? std::min<size_t>(m.trained_context, kMostBlocks) : kUnknownContext;
    plan.context = std::min(plan.context, most * kKvBlock);
  }
  const size_t of_one = (plan.context + kKvBlock - 1) / kKvBlock;
  if (of_one == 0 || of_one > most) {
    return Error{Code::kExhausted,
                 Fmt("a context of %zu tokens needs %.1f MiB of keys and values, and %.1f MiB are left for them: "
                     "ask for a context of at most %zu tokens or allow more memory",
                     plan.context, double(std::max<size_t>(of_one, 1) * bytes) / kMiB, double(left) / kMiB, most * kKvBlock)};
  }
  // One context more than the sequences can fill, so that a full engine still remembers prefixes.
  const size_t useful = of_one <= kMostBlocks / (o.max_sequences + 1) ? of_one * (o.max_sequences + o.prefix_cache) : most;
  plan.blocks = std::min(most, useful);
  return plan;
}

}  // namespace hasten
