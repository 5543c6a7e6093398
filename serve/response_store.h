// What /v1/responses remembers: answers by their id, so that a client can fetch, delete or continue them. Bounded in number and
// bytes; the oldest go first. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "serve/fields.h"

namespace hasten {

// Bytes that count towards a total for as long as this lives.
class CountedBytes {
 public:
  CountedBytes(size_t bytes, std::shared_ptr<std::atomic<size_t>> total) : bytes_(bytes), total_(std::move(total)) {
    *total_ += bytes_;
  }
  ~CountedBytes() { *total_ -= bytes_; }
  CountedBytes(const CountedBytes&) = delete;
  CountedBytes& operator=(const CountedBytes&) = delete;

 private:
  const size_t bytes_;
  const std::shared_ptr<std::atomic<size_t>> total_;
};

// One item of a conversation, shared by all answers that continue it.
struct ResponseItem {
  const Json json;
  const CountedBytes weight;
};
using ResponseItems = std::vector<std::shared_ptr<const ResponseItem>>;

struct StoredResponse {
  Json response;                      // as it is shown
  ResponseItems input;                // what this request added
  ResponseItems all;                  // the conversation up to the end of the answer; complete once `ended`
  bool ended = false;                 // nothing of it changes any more
  std::function<void()> cancel = {};  // of one that runs in the background
};

class ResponseStore {
 public:
  explicit ResponseStore(size_t most = 4096, size_t most_bytes = 64 << 20) : most_(most), most_bytes_(most_bytes) {}

  std::shared_ptr<const ResponseItem> Item(Json json) const;
  void Put(const std::string& id, StoredResponse stored);
  // Replaces what is stored of `id`; false where it has been deleted or forgotten meanwhile. What was cancelled stays so.
  bool Update(const std::string& id, StoredResponse stored);
  std::optional<StoredResponse> Get(const std::string& id) const;
  // Shown as cancelled from now on; its `cancel` is the caller's to call. False where it has ended.
  bool MarkCancelled(const std::string& id);
  bool Delete(const std::string& id);
  std::shared_ptr<const ResponseItem> FindItem(const std::string& id) const;  // of any answer that is kept; nullptr
  size_t bytes() const { return *total_; }                                    // about what all items and answers take
  size_t size() const;

 private:
  struct Entry {
    StoredResponse stored;
    std::unique_ptr<const CountedBytes> weight;  // of the answer itself
    std::list<std::string>::iterator place;
  };
  std::unique_ptr<const CountedBytes> Weight(const Json& json) const;
  void Index(const ResponseItems& items);
  void Shrink();

  const size_t most_, most_bytes_;
  const std::shared_ptr<std::atomic<size_t>> total_ = std::make_shared<std::atomic<size_t>>(0);
  mutable std::mutex mutex_;      // guards what follows
  std::list<std::string> order_;  // oldest first
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, std::weak_ptr<const ResponseItem>> items_;  // some are gone
  size_t items_before_sweep_ = 1024;
};

}  // namespace hasten
