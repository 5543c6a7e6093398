#include "engine/stop.h"

#include <algorithm>
#include <utility>

namespace hasten {

StopStrings::StopStrings(std::vector<std::string> strings) : strings_(std::move(strings)) {
  std::erase(strings_, std::string());
}

size_t StopStrings::Held() const {
  size_t longest = 0;
  for (const std::string& s : strings_) {
    for (size_t n = std::min(pending_.size(), s.size() - 1); n > longest; --n)
      if (std::string_view(pending_).ends_with(std::string_view(s).substr(0, n))) longest = n;
  }
  return longest;
}

std::string StopStrings::Push(std::string_view piece) {
  if (stopped_) return {};
  pending_ += piece;
  size_t first = std::string::npos;
  for (const std::string& s : strings_) {
    if (const size_t at = pending_.find(s); at < first) {
      first = at;
      matched_ = s;
    }
  }
  if (first != std::string::npos) {
    stopped_ = true;
    pending_.resize(first);
    return std::exchange(pending_, {});
  }
  std::string shown = pending_.substr(0, pending_.size() - Held());
  pending_.erase(0, shown.size());
  return shown;
}

std::string StopStrings::Finish() { return std::exchange(pending_, {}); }

}  // namespace hasten
