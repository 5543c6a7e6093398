#include "engine/whole.h"

#include <algorithm>
#include <numeric>

#include "engine/kv_store.h"
#include "engine/memory_plan.h"

namespace hasten {

static Result<MemoryPlan> PlanWhole(const ModelInfo& model, size_t rows, const WholeOptions& options) {
  if (model.state_floats > 0)
    return Error{Code::kUnsupported, Fmt("the recurrent layers of %s models see earlier tokens only", model.family.c_str())};
  const size_t context = options.context != 0 ? options.context : model.trained_context;
  if (rows == 0) return Error{Code::kBadInput, "there are no tokens to read"};
  if (rows > context) return Error{Code::kBadInput, Fmt("%zu tokens do not fit a context of %zu", rows, context)};
  return PlanMemory(model, {.context = rows,
                            .memory_bytes = options.memory_bytes,
                            .kv_type = options.kv_type,
                            .max_sequences = 1,
                            .max_rows = rows,
                            .max_logit_rows = rows,
                            .prefix_cache = false});
}

Result<std::vector<float>> ReadWhole(const Model& model, Team& team, std::span<const int32_t> tokens,
                                     const WholeOptions& options) {
  const size_t rows = tokens.size(), vocab = model.info().vocab;
  TRY(const MemoryPlan plan, PlanWhole(model.info(), rows, options));
  const KvStore store(model.info(), options.kv_type, plan);
  std::vector<int32_t> blocks(plan.blocks), positions(rows);
  std::iota(blocks.begin(), blocks.end(), 0);
  std::iota(positions.begin(), positions.end(), 0);
  const SeqView sequence = {.blocks = blocks.data(), .past = 0, .first_row = 0, .rows = rows, .state = nullptr};
  const Step step = {
      .tokens = tokens, .positions = positions, .seqs = {&sequence, 1}, .logit_rows = positions, .bidirectional = true};
  const auto scratch = model.MakeScratch(rows, rows, team.size());
  team.Run([&](const Lane& lane) { model.Forward(lane, step, *scratch, store.view()); });
  std::vector<float> logits(rows * vocab);
  for (size_t r = 0; r < rows; ++r) std::copy_n(scratch->logits().row(r), vocab, logits.data() + r * vocab);
  return logits;
}

}  // namespace hasten
