#include "solve/search/string_pool.h"

#include <algorithm>

namespace hasten::solve {

static constexpr size_t kChunkBytes = 1 << 18, kIdBytes = sizeof(uint32_t);

StringPool::StringPool() : slots_(1 << 10) { Intern(""); }

uint32_t StringPool::Intern(std::string_view text) {
  const uint32_t hash = uint32_t(HashBytes(text.data(), text.size()));
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at].id != 0; at = (at + 1) & mask) {
    if (slots_[at].hash != hash) continue;
    const Entry& e = entries_[slots_[at].id - 1];
    if (e.size == text.size() && std::memcmp(e.data, text.data(), e.size) == 0) return slots_[at].id - 1;
  }
  uint32_t id = free_;
  if (id == kNone) {
    id = uint32_t(entries_.size());
    entries_.push_back({});
  } else {
    free_ = entries_[id].size;
  }
  entries_[id] = {Store(id, text), uint32_t(text.size()), hash};
  slots_[at] = {hash, id + 1};
  if (++live_ * 2 > slots_.size()) Rehash(slots_.size() * 2);
  return id;
}

const char* StringPool::Store(uint32_t id, std::string_view text) {
  const size_t wanted = kIdBytes + text.size();
  if (chunks_.empty() || wanted > chunks_.back().size - chunks_.back().used) {
    const size_t size = std::max(kChunkBytes, wanted);
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(size), size, 0});
    chunk_bytes_ += size;
  }
  Chunk& chunk = chunks_.back();
  char* const stored = chunk.bytes.get() + chunk.used;
  std::memcpy(stored, &id, kIdBytes);
  if (!text.empty()) std::memcpy(stored + kIdBytes, text.data(), text.size());
  chunk.used += wanted;
  return stored + kIdBytes;
}

// What stays moves towards the front, in the order in which it lies: nothing overtakes what has not been looked at.
void StringPool::Sweep(uint32_t floor, const std::vector<bool>& used) {
  size_t to = 0, to_at = 0;
  for (size_t from = 0; from < chunks_.size(); ++from) {
    const size_t end = chunks_[from].used;
    for (size_t at = 0; at < end;) {
      const char* const source = chunks_[from].bytes.get() + at;
      uint32_t id = 0;
      std::memcpy(&id, source, kIdBytes);
      Entry& entry = entries_[id];
      const size_t size = kIdBytes + entry.size;
      at += size;
      if (id >= floor && !used[id]) {
        entry.data = nullptr;
        --live_;
        continue;
      }
      for (; size > chunks_[to].size - to_at; to_at = 0) chunks_[to++].used = to_at;
      char* const target = chunks_[to].bytes.get() + to_at;
      std::memmove(target, source, size);
      entry.data = target + kIdBytes;
      to_at += size;
    }
  }
  chunks_[to].used = to_at;
  for (; chunks_.size() > to + 1; chunks_.pop_back()) chunk_bytes_ -= chunks_.back().size;
  while (!entries_.back().data) entries_.pop_back();
  free_ = kNone;
  for (uint32_t id = uint32_t(entries_.size()); id-- > floor;) {
    if (entries_[id].data) continue;
    entries_[id].size = free_;
    free_ = id;
  }
  Rehash(slots_.size());
}

void StringPool::Rehash(size_t slots) {
  slots_ = {};  // given back before the new ones are asked for
  slots_ = AlignedBuffer<Slot>(slots);
  const size_t mask = slots - 1;
  for (size_t id = 0; id < entries_.size(); ++id) {
    if (!entries_[id].data) continue;
    size_t at = entries_[id].hash & mask;
    while (slots_[at].id != 0) at = (at + 1) & mask;
    slots_[at] = {entries_[id].hash, uint32_t(id + 1)};
  }
}

size_t StringPool::bytes(size_t more) const {
  const size_t entries = entries_.capacity(), slots = slots_.size();
  const bool longer = live_ + more > entries, wider = (live_ + more) * 2 > slots;
  return chunk_bytes_ + (longer ? entries * 3 : entries) * sizeof(Entry) + (wider ? slots * 2 : slots) * sizeof(Slot);
}

size_t StringPool::live_bytes() const {
  size_t bytes = live_ * (sizeof(Entry) + 2 * sizeof(Slot));
  for (const Chunk& chunk : chunks_) bytes += chunk.used;
  return bytes;
}

}  // namespace hasten::solve
