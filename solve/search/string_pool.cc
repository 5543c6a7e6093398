#include "solve/search/string_pool.h"

#include <algorithm>

namespace hasten::solve {

static constexpr size_t kChunkBytes = 1 << 20;

StringPool::StringPool() {
  slots_.resize(1 << 10);
  Intern("");
}

uint32_t StringPool::Intern(std::string_view text) {
  const uint32_t hash = HashBytes(text.data(), text.size());
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at].id != 0; at = (at + 1) & mask) {
    if (slots_[at].hash != hash) continue;
    const Entry& e = entries_[slots_[at].id - 1];
    if (e.size == text.size() && std::memcmp(e.data, text.data(), e.size) == 0) return slots_[at].id - 1;
  }
  entries_.push_back({Store(text), uint32_t(text.size()), hash});
  slots_[at] = {hash, uint32_t(entries_.size())};
  if (entries_.size() * 2 > slots_.size()) Grow();
  return uint32_t(entries_.size() - 1);
}

char* StringPool::Store(std::string_view text) {
  if (text.size() > chunk_free_ || chunk_at_ == nullptr) {
    chunk_free_ = std::max(kChunkBytes, text.size());
    chunk_bytes_ += chunk_free_;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_free_));
    chunk_at_ = chunks_.back().get();
  }
  char* const stored = chunk_at_;
  if (!text.empty()) std::memcpy(stored, text.data(), text.size());
  chunk_at_ += text.size();
  chunk_free_ -= text.size();
  return stored;
}

void StringPool::Grow() {
  slots_.assign(slots_.size() * 2, Slot{0, 0});
  const size_t mask = slots_.size() - 1;
  for (size_t id = 0; id < entries_.size(); ++id) {
    size_t at = entries_[id].hash & mask;
    while (slots_[at].id != 0) at = (at + 1) & mask;
    slots_[at] = {entries_[id].hash, uint32_t(id + 1)};
  }
}

size_t StringPool::bytes() const {
  return chunk_bytes_ + entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(Slot);
}

}  // namespace hasten::solve
