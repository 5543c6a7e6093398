#include "serve/response_store.h"

#include <algorithm>
#include <utility>

#include "serve/call.h"

namespace hasten {

// The tree of a JSON document takes some three times its text; what lists and maps add is in the constant.
static size_t BytesOf(const Json& json) { return 3 * Dump(json).size() + 512; }

std::shared_ptr<const ResponseItem> ResponseStore::Item(Json json) const {
  const size_t bytes = BytesOf(json);
  return std::shared_ptr<const ResponseItem>(new ResponseItem{std::move(json), {bytes, total_}});
}

std::unique_ptr<const CountedBytes> ResponseStore::Weight(const Json& json) const {
  return std::make_unique<const CountedBytes>(BytesOf(json), total_);
}

void ResponseStore::Index(const ResponseItems& items) {
  for (const auto& item : items) {
    const auto id = item->json.find("id");
    if (id != item->json.end() && id->is_string()) items_[id->get<std::string>()] = item;
  }
  if (items_.size() < items_before_sweep_) return;
  std::erase_if(items_, [](const auto& entry) { return entry.second.expired(); });
  items_before_sweep_ = std::max<size_t>(1024, 2 * items_.size());
}

std::shared_ptr<const ResponseItem> ResponseStore::FindItem(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto at = items_.find(id);
  return at == items_.end() ? nullptr : at->second.lock();
}

void ResponseStore::Put(const std::string& id, StoredResponse stored) {
  const std::lock_guard lock(mutex_);
  Index(stored.input);
  order_.push_back(id);
  Entry entry = {.stored = std::move(stored), .weight = {}, .place = std::prev(order_.end())};
  entry.weight = Weight(entry.stored.response);
  entries_.insert_or_assign(id, std::move(entry));
  Shrink();
}

bool ResponseStore::Update(const std::string& id, StoredResponse stored) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(id);
  if (at == entries_.end()) return false;
  Index(stored.all);
  if (!stored.ended) stored.cancel = std::move(at->second.stored.cancel);
  if (at->second.stored.response["status"] == "cancelled") stored.response["status"] = "cancelled";
  at->second.stored = std::move(stored);
  at->second.weight = Weight(at->second.stored.response);
  Shrink();
  return true;
}

// An item that a later answer continues stays until that one goes too, so this may take several.
void ResponseStore::Shrink() {
  while (!order_.empty() && (entries_.size() > most_ || *total_ > most_bytes_)) {
    entries_.erase(order_.front());
    order_.pop_front();
  }
}

std::optional<StoredResponse> ResponseStore::Get(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(id);
  if (at == entries_.end()) return std::nullopt;
  return at->second.stored;
}

bool ResponseStore::MarkCancelled(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(id);
  if (at == entries_.end() || at->second.stored.ended) return false;
  at->second.stored.response["status"] = "cancelled";
  return true;
}

bool ResponseStore::Delete(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(id);
  if (at == entries_.end()) return false;
  order_.erase(at->second.place);
  entries_.erase(at);
  return true;
}

size_t ResponseStore::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace hasten
