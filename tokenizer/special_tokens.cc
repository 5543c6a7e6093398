#include "tokenizer/special_tokens.h"

#include <algorithm>
#include <queue>

namespace hasten {

SpecialTokens::SpecialTokens(const Vocab& vocab, Which which) {
  for (size_t i = 0; i < vocab.size(); ++i) {
    const Token t = Token(i);
    if (!vocab.Is(t, kControlToken | kUnknownToken | kUserDefinedToken) || vocab.Text(t).empty()) continue;
    if (vocab.Text(t).size() > kLongest) continue;
    if (which == Which::kUserDefined && vocab.Is(t, kControlToken | kUnknownToken)) continue;
    entries_.push_back({vocab.Text(t), t, vocab.Is(t, kStripsRight)});
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.text != b.text ? a.text < b.text : a.token < b.token; });
  const auto same = [](const Entry& a, const Entry& b) { return a.text == b.text; };  // the lower id stays
  entries_.erase(std::unique(entries_.begin(), entries_.end(), same), entries_.end());
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    Bucket& bucket = by_first_byte_[uint8_t(entries_[i].text[0])];
    if (bucket.end == 0) bucket.begin = i;
    bucket.end = i + 1;
  }
}

// Narrows the sorted entries byte by byte: those that share a prefix of length d with `s` are adjacent, and the one that is
// all of it, if any, is their first.
const SpecialTokens::Entry* SpecialTokens::Longest(std::string_view s, size_t shorter_than) const {
  const Bucket bucket = by_first_byte_[uint8_t(s[0])];
  auto low = entries_.begin() + bucket.begin, high = entries_.begin() + bucket.end;
  const Entry* best = nullptr;
  for (size_t depth = 1; low != high; ++depth) {
    if (depth >= shorter_than) break;
    if (low->text.size() == depth) best = &*low++;
    if (depth == s.size()) break;
    const uint8_t byte = uint8_t(s[depth]);
    low = std::partition_point(low, high, [&](const Entry& e) { return uint8_t(e.text[depth]) < byte; });
    high = std::partition_point(low, high, [&](const Entry& e) { return uint8_t(e.text[depth]) == byte; });
  }
  return best;
}

static bool IsAsciiSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::vector<SpecialTokens::Found> SpecialTokens::FindAll(std::string_view s) const {
  // A place waits with its longest token; when that cannot be had, it waits again with the next shorter one.
  struct Waiting {
    const Entry* entry;
    size_t begin;
    bool operator<(const Waiting& other) const {  // the top of the queue goes first
      if (entry->text.size() != other.entry->text.size()) return entry->text.size() < other.entry->text.size();
      return entry->token != other.entry->token ? entry->token > other.entry->token : begin > other.begin;
    }
  };
  std::vector<Waiting> waiting;
  for (size_t i = 0; i < s.size(); ++i) {
    if (by_first_byte_[uint8_t(s[i])].end == 0) continue;
    if (const Entry* e = Longest(s.substr(i), s.size() + 1)) waiting.push_back({e, i});
  }
  std::vector<Found> found;
  if (waiting.empty()) return found;
  std::vector<bool> taken(s.size());
  std::priority_queue<Waiting> queue({}, std::move(waiting));
  while (!queue.empty()) {
    const auto [entry, begin] = queue.top();
    queue.pop();
    const auto first = taken.begin() + ptrdiff_t(begin), last = first + ptrdiff_t(entry->text.size());
    if (std::find(first, last, true) != last) {
      const Entry* shorter = *first ? nullptr : Longest(s.substr(begin), entry->text.size());
      if (shorter) queue.push({shorter, begin});
      continue;
    }
    size_t end = begin + entry->text.size();
    if (entry->strips_right)
      while (end < s.size() && !taken[end] && IsAsciiSpace(s[end])) ++end;
    std::fill(first, taken.begin() + ptrdiff_t(end), true);
    found.push_back({begin, end, entry->token});
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.begin < b.begin; });
  return found;
}

void SpecialTokens::Split(std::string_view s, FunctionRef<void(std::string_view)> text, FunctionRef<void(Token)> token) const {
  size_t at = 0;
  if (!entries_.empty())
    for (const Found& f : FindAll(s)) {
      if (f.begin > at) text(s.substr(at, f.begin - at));
      token(f.token);
      at = f.end;
    }
  if (at < s.size()) text(s.substr(at));
}

}  // namespace hasten
