// Prefixes between memory and disk (engine/prefix_store.h): kept when a sequence closes, brought back before a prompt is
// opened.
#include <algorithm>
#include <cstring>

#include "engine/engine.h"

namespace hasten {

PrefixBlockShape Engine::StoredShape() const {
  return {.tokens = kKvBlock, .kv_bytes = cache_.store().block_bytes(), .state_bytes = cache_.states().bytes()};
}

// What cannot be queued now is left out, and what follows it with it: a block is of no use without those before.
void Engine::Keep(const Sequence& s) {
  Fingerprint key = store_->root();
  for (size_t i = 0; i < s.published; ++i) {
    const auto tokens = std::span<const int32_t>(s.tokens).subspan(i * kKvBlock, kKvBlock);
    key = PrefixStore::KeyOf(key, tokens);
    const auto state = cache_.SnapshotBytes(s.blocks[i]);
    if (store_->Has(key, !state.empty())) continue;
    gathered_.resize(cache_.store().block_bytes());
    cache_.store().Gather(s.blocks[i], gathered_.data());
    if (!store_->Write(key, {.tokens = tokens, .kv = gathered_, .state = state})) return;
  }
}

// How many leading blocks of `tokens` are of use where those on disk are brought in: up to the last that memory or disk has,
// for recurrent models up to the last with a state. No more than memory has already counts as none.
size_t Engine::RecallableBlocks(std::span<const int32_t> tokens) const {
  std::vector<int32_t> nodes;
  cache_.VisitPrefix(tokens, [&](int32_t node, size_t) { nodes.push_back(node); });
  Fingerprint key = store_->root();
  size_t useful = 0;
  for (size_t i = 0; (i + 1) * kKvBlock <= tokens.size(); ++i) {
    key = PrefixStore::KeyOf(key, tokens.subspan(i * kKvBlock, kKvBlock));
    const bool in_memory = i < nodes.size();
    if (!in_memory && !store_->Has(key, false)) break;
    const bool resumes = !cache_.states().any() || (in_memory && cache_.HasSnapshot(nodes[i])) || store_->Has(key, true);
    if (resumes) useful = i + 1;
  }
  return useful * kKvBlock > cache_.Peek(tokens, false) ? useful : 0;
}

bool Engine::RecallBlock(const Fingerprint& key, std::span<const int32_t> tokens, std::vector<int32_t>& table) {
  if (cache_.pool().available() == 0) return false;
  const auto block = store_->Read(key, tokens);
  if (!block) return false;
  const int32_t id = cache_.Take();
  if (id < 0) return false;
  cache_.store().Scatter(block->kv.data(), id);
  table.push_back(id);
  cache_.Publish(table, table.size() - 1, tokens);
  stats_.recalled_tokens += tokens.size();
  return true;
}

// Through the state of a sequence that is not open, which may hold anything.
bool Engine::RecallState(const Fingerprint& key, std::span<const int32_t> tokens, int32_t node) {
  const auto slot = FreeSlot();
  if (!slot) return false;
  const auto block = store_->Read(key, tokens);
  if (!block || block->state.empty()) return false;
  std::memcpy(cache_.states().at(size_t(*slot)), block->state.data(), block->state.size());
  return cache_.Snapshot(node, size_t(*slot));
}

bool Engine::Recall(std::span<const int32_t> prompt, size_t most) {
  if (!store_ || prompt.empty() || (cache_.states().any() && !cache_.KeepsSnapshots())) return false;
  const auto tokens = prompt.first(prompt.size() - 1);
  const size_t useful = RecallableBlocks(tokens);
  if (useful == 0) return false;
  std::vector<int32_t> table;  // holds what there is, so that making room takes nothing of it
  cache_.VisitPrefix(tokens.first(useful * kKvBlock), [&](int32_t node, size_t) {
    cache_.pool().Share(node);
    table.push_back(node);
  });
  Fingerprint key = store_->root();
  bool more = false, sound = true;
  for (size_t i = 0; i < useful && sound && !more; ++i) {
    const auto own = tokens.subspan(i * kKvBlock, kKvBlock);
    key = PrefixStore::KeyOf(key, own);
    if (i >= table.size()) {
      more = most-- == 0;
      sound = more || RecallBlock(key, own, table);
    }
    if (!more && sound && i + 1 == useful && cache_.states().any() && !cache_.HasSnapshot(table[i]))
      RecallState(key, own, table[i]);
  }
  for (const int32_t id : table) cache_.pool().Release(id);
  return more;
}

}  // namespace hasten
