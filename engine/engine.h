// Sequences of tokens that continue, fork and share what they have in common; many of them in one forward pass.
//
//   TRY(auto engine, Engine::Create(model, team, {.context = 4096, .max_sequences = 64}));
//   TRY(SequenceId trunk, engine->Open(prompt));                 // what is cached of the prompt is already in it
//   TRY(auto logits, engine->Read(trunk, engine->Rest(trunk, prompt)));
//   TRY_OK(engine->Fork(trunk, branches));                       // costs block references only
//   for (…) { TRY(auto rows, engine->Step(requests)); … }        // one new token of each branch
//   engine->Close(id);                                           // its blocks stay findable until memory is needed
//
// The bytes of a sequence's logits depend on its tokens alone: not on what else is in a step, on chunks, lanes, forks, or
// on whether its prefix came from the cache (docs/determinism.md).
//
// One thread calls an engine at a time. Model and team are borrowed and must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/threads.h"
#include "engine/kv_cache.h"
#include "engine/lane_tuner.h"
#include "engine/memory_plan.h"
#include "engine/prefix_store.h"
#include "engine/step_plan.h"
#include "models/model.h"

namespace hasten {

using SequenceId = int32_t;

// New tokens for one sequence. Logits of the last `logits` of them are computed; 0 for a prompt's inner chunks.
struct StepRequest {
  SequenceId seq = 0;
  std::span<const int32_t> tokens;
  size_t logits = 1;
  size_t hidden = 0;  // of the last so many, the final hidden state is wanted too
  // Where only these tokens' logits will be looked at; empty: all of them. What the others hold then is anything.
  std::span<const int32_t> candidates = {};
};

// Rows of logits, in the order of the requests (and of tokens within one). Valid until the engine's next step.
class LogitRows {
 public:
  LogitRows(std::span<const float* const> rows, size_t vocab) : rows_(rows), vocab_(vocab) {}
  size_t size() const { return rows_.size(); }
  std::span<const float> operator[](size_t i) const { return {rows_[i], vocab_}; }

 private:
  std::span<const float* const> rows_;
  size_t vocab_;
};

struct EngineStats {
  size_t steps = 0;            // forward passes, a prompt's chunks included
  size_t computed_tokens = 0;  // rows of those passes
  size_t reused_tokens = 0;    // found in the prefix tree instead
  size_t recalled_tokens = 0;  // brought into the prefix tree from disk
  size_t copied_blocks = 0;    // copies on write
  size_t experts_read = 0;     // experts whose weights passes read, each layer's for itself
};

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> Create(const Model& model, Team& team, const EngineOptions& options);
  ~Engine();

  // A new sequence that holds the longest cached prefix of `prompt`, but never its last token: that one has to be computed
  // for its logits. kBadInput where prompt and `room` tokens more do not fit the context, kExhausted where they do not fit
  // the memory that open sequences leave, less `promised` blocks that those are still going to take.
  Result<SequenceId> Open(std::span<const int32_t> prompt, size_t room = 0, size_t promised = 0);
  // Copies of `seq` as it stands now, one into each element of `branches`.
  Status Fork(SequenceId seq, std::span<SequenceId> branches);
  // Appends `tokens` in chunks. Returns the logits of the last one.
  Result<std::span<const float>> Read(SequenceId seq, std::span<const int32_t> tokens);
  Status Feed(SequenceId seq, std::span<const int32_t> tokens);  // the same without logits
  // Where the next chunk, of at most `most` tokens, should end of a text of `total` tokens of which `length` have been read.
  size_t ChunkEnd(size_t length, size_t total, size_t most) const;
  // Appends to several sequences (each at most once) in one forward pass. All or nothing: an error changes no sequence.
  Result<LogitRows> Step(std::span<const StepRequest> requests);
  // The final hidden states that the last Step was asked for, in the order of its requests: [ModelInfo::width] each. Valid
  // until the next.
  std::span<const std::span<const float>> hidden() const { return hidden_; }
  // Forgets tokens behind the first `tokens`. Recurrent state cannot run backwards, so there it returns to the mark, or to the
  // last snapshot before; the result is how many tokens are left, for the caller to read the rest again.
  Result<size_t> Truncate(SequenceId seq, size_t tokens);
  // Truncate can come back to here, for recurrent models too (EngineOptions::marks; without, they have only their snapshots).
  // A sequence has one mark; a branch begins without.
  Status Mark(SequenceId seq);
  // Whether Truncate keeps all tokens that it is asked to keep: always, but for recurrent models without marks.
  bool goes_back() const { return marks_ || model_.info().state_floats == 0; }
  void Close(SequenceId seq);

  size_t Length(SequenceId seq) const { return sequences_[seq].tokens.size(); }
  std::span<const int32_t> Tokens(SequenceId seq) const { return sequences_[seq].tokens; }
  // What of `prompt` the sequence does not hold yet.
  std::span<const int32_t> Rest(SequenceId seq, std::span<const int32_t> prompt) const { return prompt.subspan(Length(seq)); }

  size_t context() const { return plan_.context; }
  size_t max_sequences() const { return sequences_.size(); }
  size_t max_rows() const { return max_rows_; }
  size_t max_logit_rows() const { return max_logit_rows_; }
  const MemoryPlan& memory_plan() const { return plan_; }
  const EngineStats& stats() const { return stats_; }
  KvType kv_type() const { return cache_.store().view().type; }
  const ModelInfo& model_info() const { return model_.info(); }

  size_t blocks_available() const { return cache_.pool().available(); }
  // How many tokens of `prompt` Open would find.
  size_t Cached(std::span<const int32_t> prompt) const {
    return prompt.empty() ? 0 : cache_.Peek(prompt.first(prompt.size() - 1));
  }
  void ForgetPrefixes() { cache_.Clear(); }  // those that no open sequence holds
  // From now on what sequences held when they are closed is kept on disk, too (engine/recall.cc). Borrowed; null: no longer.
  void UseStore(PrefixStore* store) { store_ = store; }
  PrefixBlockShape StoredShape() const;  // that such a store needs
  // Brings what the disk has of `prompt`, and memory has not, into memory, `most` blocks at the most. True: there is more.
  bool Recall(std::span<const int32_t> prompt, size_t most);
  // Whether all KV blocks are accounted for; debug builds ask after every step, servers when idle.
  Status CheckBlocks() const;
  // How a step with at least two sequences a lane is run; for tests and measurements. Bytes are the same.
  enum class Split : uint8_t { kAuto, kTogether, kAlone };
  void SetSplit(Split split) { split_ = split; }
  // Lanes that a step of so many rows is run with, as far as is known by now.
  size_t Lanes(size_t rows) const { return tuner_.Lanes(rows); }
  void SetProfile(Profile* profile);  // where passes write what operations took (models/profile.h); null: nowhere

 private:
  struct Sequence {
    bool open = false;
    std::vector<int32_t> tokens;
    std::vector<int32_t> blocks;
    size_t published = 0;        // leading blocks that the prefix tree knows
    int32_t last_snapshot = -1;  // node of the snapshot that this sequence took last while generating
    size_t mark = kNoMark;       // tokens at the mark, whose state lies in slot MarkSlot
  };
  struct Copy {
    int32_t from, to;
  };
  static constexpr size_t kNoMark = size_t(-1);
  size_t MarkSlot(SequenceId seq) const { return sequences_.size() + size_t(seq); }
  Engine(const Model& model, Team& team, const EngineOptions& options, const MemoryPlan& plan);

  // engine/admit.cc: the one place that decides whether something fits.
  Status AdmitPrompt(std::span<const int32_t> prompt, size_t room, size_t promised, bool parts) const;
  Status AdmitStep(std::span<const StepRequest> requests);
  Status AdmitRequest(const StepRequest& r) const;
  Result<SequenceId> FreeSlot() const;
  void MakeRoom(Sequence& s) const;
  Status CheckOpen(SequenceId seq) const;

  Result<std::span<const float>> Append(SequenceId seq, std::span<const int32_t> tokens, bool wants_logits);
  bool WantsCopy(const Sequence& s);
  void ForgetWants(std::span<const StepRequest> requests);
  void Reserve(const StepRequest& r);
  void PlanStep(std::span<const StepRequest> requests, bool alone);
  void Forward(bool alone);
  void Commit(const StepRequest& r);
  void Keep(const Sequence& s);
  size_t RecallableBlocks(std::span<const int32_t> tokens) const;
  bool RecallBlock(const Fingerprint& key, std::span<const int32_t> tokens, std::vector<int32_t>& table);
  bool RecallState(const Fingerprint& key, std::span<const int32_t> tokens, int32_t node);
  bool RunsAlone(std::span<const StepRequest> requests) const;

  const Model& model_;
  Team& team_;
  const MemoryPlan plan_;
  const size_t max_rows_, max_logit_rows_;
  const bool marks_;
  Split split_ = Split::kAuto;
  LaneTuner tuner_;
  KvCache cache_;
  std::vector<Sequence> sequences_;
  std::unique_ptr<Scratch> scratch_;                    // all lanes together
  std::vector<std::unique_ptr<Scratch>> lane_scratch_;  // a lane alone; made when first needed
  StepPlan step_;
  std::vector<StepPlan> lane_steps_;
  std::vector<Copy> copies_;      // blocks to copy before the pass
  std::vector<uint32_t> wants_;   // by block id: sequences of this step that want to write it; zero between steps
  std::vector<uint8_t> in_step_;  // by sequence; zero between steps
  std::vector<const float*> rows_;
  std::vector<std::span<const float>> hidden_;
  EngineStats stats_;
  PrefixStore* store_ = nullptr;
  std::vector<std::byte> gathered_;  // a block on its way to the disk
};

}  // namespace hasten
