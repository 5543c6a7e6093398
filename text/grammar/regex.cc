#include "text/grammar/regex.h"

#include <algorithm>

namespace hasten::grammar {

// Nesting below this is followed by recursion; the parsers refuse texts that nest deeper.
static constexpr size_t kDeepest = 4000;

static uint64_t Mix(uint64_t h, uint64_t v) {
  h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccdu;
}

size_t RegexPool::KeyHash::operator()(const Key& k) const { return Mix(Mix(Mix(Mix(uint64_t(k.kind), k.a), k.b), k.lo), k.hi); }

// Lead bytes and how many continuation bytes follow, without overlong forms and surrogates: the Unicode Standard, table 3-7.
static ReId AnyCharOf(RegexPool& p) {
  const auto range = [&](unsigned a, unsigned b) { return p.Bytes(ByteSet::Range(a, b)); };
  const ReId tail = range(0x80, 0xBF), two = p.Concat(tail, tail);
  return p.Or({range(0x00, 0x7F), p.Concat(range(0xC2, 0xDF), tail),
               p.Concat(range(0xE0, 0xE0), p.Concat(range(0xA0, 0xBF), tail)),
               p.Concat(p.Bytes(ByteSet::Range(0xE1, 0xEC) | ByteSet::Range(0xEE, 0xEF)), two),
               p.Concat(range(0xED, 0xED), p.Concat(range(0x80, 0x9F), tail)),
               p.Concat(range(0xF0, 0xF0), p.Concat(range(0x90, 0xBF), two)), p.Concat(range(0xF1, 0xF3), p.Concat(tail, two)),
               p.Concat(range(0xF4, 0xF4), p.Concat(range(0x80, 0x8F), two))});
}

RegexPool::RegexPool() {
  nodes_.reserve(256);
  nodes_.push_back({ReKind::kNone, false, true, false, false});
  nodes_.push_back({ReKind::kEmpty, true, true, false, false});
  nodes_.resize(5, nodes_[0]);  // the places of the three that follow
  const ReId any_byte = Bytes(~ByteSet());
  nodes_[kAnyBytes] = {ReKind::kRepeat, true, true, false, true, any_byte, 0, 0, kNoLimit};
  known_[{ReKind::kRepeat, any_byte, 0, 0, kNoLimit}] = kAnyBytes;
  const ReId any = AnyCharOf(*this);
  nodes_[kAnyChar] = nodes_[any];  // the same list under a number that is known beforehand
  for (auto& [hash, id] : known_lists_)
    if (id == any) id = kAnyChar;
  nodes_[kAnyText] = {ReKind::kRepeat, true, true, false, true, kAnyChar, 0, 0, kNoLimit};
  known_[{ReKind::kRepeat, kAnyChar, 0, 0, kNoLimit}] = kAnyText;
}

ReId RegexPool::Intern(const Key& key, const ReNode& node) {
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  if (nodes_.size() >= kMostNodes) {
    full_ = true;
    return kNothing;
  }
  const auto id = ReId(nodes_.size());
  nodes_.push_back(node);
  known_.emplace(key, id);
  return id;
}

ReId RegexPool::Bytes(const ByteSet& set) {
  if (set.Empty()) return kNothing;
  uint64_t hash = 0;
  for (const uint64_t w : set.words) hash = Mix(hash, w);
  uint32_t index = UINT32_MAX;
  for (auto [it, end] = known_sets_.equal_range(hash); it != end; ++it)
    if (sets_[it->second] == set) index = it->second;
  if (index == UINT32_MAX) {
    index = uint32_t(sets_.size());
    sets_.push_back(set);
    known_sets_.emplace(hash, index);
  }
  return Intern({ReKind::kBytes, index, 0, 0, 0}, {ReKind::kBytes, false, true, false, false, index});
}

ReId RegexPool::Literal(std::string_view bytes) {
  ReId id = kEmptyText;
  for (size_t i = bytes.size(); i-- > 0;) id = Concat(Bytes(ByteSet::One(uint8_t(bytes[i]))), id);
  return id;
}

ReId RegexPool::Call(uint32_t symbol) {
  return Intern({ReKind::kCall, symbol, 0, 0, 0}, {ReKind::kCall, false, true, true, false, symbol});
}

ReId RegexPool::Token(int32_t token, bool negated) {
  return Intern({ReKind::kToken, uint32_t(token), negated, 0, 0},
                {ReKind::kToken, false, true, true, false, uint32_t(token), negated});
}

ReId RegexPool::FromTable(Table table, uint32_t start) {
  tables_.push_back(std::move(table));
  const auto index = uint32_t(tables_.size() - 1);
  return Intern({ReKind::kTable, index, start, 0, 0},
                {ReKind::kTable, tables_[index].accepts[start], false, false, true, index, start});
}

// To the right: Concat(Concat(a, b), c) is Concat(a, Concat(b, c)), so that equal texts are equal nodes.
ReId RegexPool::Concat(ReId a, ReId b) {
  if (a == kNothing || b == kNothing) return kNothing;
  if (a == kEmptyText) return b;
  if (b == kEmptyText) return a;
  if (a == b && (a == kAnyBytes || a == kAnyText)) return a;
  if (nodes_[a].kind == ReKind::kConcat) {
    const ReNode n = nodes_[a];
    return Concat(n.a, Concat(n.b, b));
  }
  const ReNode &x = nodes_[a], &y = nodes_[b];
  const ReNode node = {ReKind::kConcat, x.nullable && y.nullable, x.pure && y.pure, x.calls || y.calls, x.star || y.star, a, b};
  return Intern({ReKind::kConcat, a, b, 0, 0}, node);
}

void RegexPool::Flatten(ReKind kind, std::vector<ReId>& parts) const {
  std::vector<ReId> flat;
  flat.reserve(parts.size());
  for (const ReId id : parts) {
    if (nodes_[id].kind == kind) {
      const auto inner = Parts(nodes_[id]);
      flat.insert(flat.end(), inner.begin(), inner.end());
    } else {
      flat.push_back(id);
    }
  }
  std::ranges::sort(flat);
  flat.erase(std::ranges::unique(flat).begin(), flat.end());
  parts = std::move(flat);
}

// Several sets of single bytes in an alternative are one set.
void RegexPool::MergeSets(std::vector<ReId>& parts) {
  ByteSet all;
  size_t count = 0;
  for (const ReId id : parts) {
    if (nodes_[id].kind != ReKind::kBytes) continue;
    all = all | sets_[nodes_[id].a];
    ++count;
  }
  if (count < 2) return;
  std::erase_if(parts, [&](ReId id) { return nodes_[id].kind == ReKind::kBytes; });
  parts.push_back(Bytes(all));
  std::ranges::sort(parts);
}

ReId RegexPool::InternList(ReKind kind, std::vector<ReId> parts) {
  uint64_t hash = uint64_t(kind);
  for (const ReId id : parts) hash = Mix(hash, id);
  for (auto [it, end] = known_lists_.equal_range(hash); it != end; ++it) {
    const ReNode& n = nodes_[it->second];
    if (n.kind == kind && std::ranges::equal(Parts(n), parts)) return it->second;
  }
  if (nodes_.size() >= kMostNodes || lists_.size() + parts.size() >= 16 * kMostNodes) {
    full_ = true;
    return kNothing;
  }
  ReNode node = {kind,  kind == ReKind::kAnd,    kind == ReKind::kOr,   false,
                 false, uint32_t(lists_.size()), uint32_t(parts.size())};
  for (const ReId id : parts) {
    const ReNode& n = nodes_[id];
    node.nullable = kind == ReKind::kOr ? node.nullable || n.nullable : node.nullable && n.nullable;
    node.pure = node.pure && n.pure;
    node.calls = node.calls || n.calls;
    node.star = node.star || n.star;
  }
  lists_.insert(lists_.end(), parts.begin(), parts.end());
  nodes_.push_back(node);
  known_lists_.emplace(hash, ReId(nodes_.size() - 1));
  return ReId(nodes_.size() - 1);
}

ReId RegexPool::Or(ReId a, ReId b) {
  if (a == b || b == kNothing) return a;
  if (a == kNothing) return b;
  return Or(std::vector<ReId>{a, b});
}

ReId RegexPool::Or(std::vector<ReId> parts) {
  Flatten(ReKind::kOr, parts);
  if (std::ranges::binary_search(parts, kAnyBytes)) return kAnyBytes;
  if (!parts.empty() && parts[0] == kNothing) parts.erase(parts.begin());
  // Expressions are made of whole characters, and what stands beside kAnyText in an alternative has read the same bytes: it
  // allows nothing that kAnyText does not.
  if (std::ranges::binary_search(parts, kAnyText)) {
    std::erase_if(parts, [&](ReId id) { return id != kAnyText && nodes_[id].pure && !nodes_[id].calls; });
  }
  MergeSets(parts);
  // The empty text adds nothing to what already accepts it.
  if (!parts.empty() && parts[0] == kEmptyText &&
      std::any_of(parts.begin() + 1, parts.end(), [&](ReId id) { return nodes_[id].nullable; })) {
    parts.erase(parts.begin());
  }
  if (parts.empty()) return kNothing;
  return parts.size() == 1 ? parts[0] : InternList(ReKind::kOr, std::move(parts));
}

ReId RegexPool::And(ReId a, ReId b) {
  if (a == b || b == kAnyBytes) return a;
  if (a == kAnyBytes) return b;
  return And(std::vector<ReId>{a, b});
}

ReId RegexPool::And(std::vector<ReId> parts) {
  Flatten(ReKind::kAnd, parts);
  if (!parts.empty() && parts[0] == kNothing) return kNothing;
  std::erase(parts, kAnyBytes);
  // As in Or: what else was read by whole characters allows nothing that kAnyText does not.
  if (std::ranges::any_of(parts, [&](ReId id) { return id != kAnyText && nodes_[id].pure && !nodes_[id].calls; }))
    std::erase(parts, kAnyText);
  if (parts.empty()) return kAnyBytes;
  if (parts.size() == 1) return parts[0];
  if (parts[0] == kEmptyText) {
    return std::ranges::all_of(parts, [&](ReId id) { return nodes_[id].nullable; }) ? kEmptyText : kNothing;
  }
  // A text and its complement have nothing in common.
  for (const ReId id : parts)
    if (nodes_[id].kind == ReKind::kNot && std::ranges::binary_search(parts, nodes_[id].a)) return kNothing;
  ByteSet common = ~ByteSet();
  bool sets = true;
  for (const ReId id : parts) {
    sets = sets && nodes_[id].kind == ReKind::kBytes;
    if (sets) common = common & sets_[nodes_[id].a];
  }
  return sets ? Bytes(common) : InternList(ReKind::kAnd, std::move(parts));
}

ReId RegexPool::Not(ReId a) {
  if (a == kNothing) return kAnyBytes;
  if (a == kAnyBytes) return kNothing;
  if (nodes_[a].kind == ReKind::kNot) return nodes_[a].a;
  const ReNode& n = nodes_[a];
  return Intern({ReKind::kNot, a, 0, 0, 0}, {ReKind::kNot, !n.nullable, false, n.calls, n.star, a});
}

ReId RegexPool::Repeat(ReId a, uint32_t lo, uint32_t hi) {
  if (hi == 0) return kEmptyText;
  if (a == kNothing) return lo == 0 ? kEmptyText : kNothing;
  if (a == kEmptyText || (lo == 1 && hi == 1)) return a;
  const ReNode& n = nodes_[a];
  if (n.nullable) lo = 0;
  if (n.kind == ReKind::kRepeat && n.lo == 0 && n.hi == kNoLimit) return a;  // x** is x*
  if (n.nullable && n.kind == ReKind::kOr && Parts(n)[0] == kEmptyText) {    // (x|)* is x*
    const auto parts = Parts(n);
    return Repeat(Or({parts.begin() + 1, parts.end()}), 0, hi);
  }
  if (lo == 0 && hi == 1) return Optional(a);
  return Intern({ReKind::kRepeat, a, 0, lo, hi},
                {ReKind::kRepeat, lo == 0 || n.nullable, n.pure, n.calls, n.star || hi == kNoLimit, a, 0, lo, hi});
}

// ------------------------------------------------------------------------------------------------------- derivatives

ReId RegexPool::Derivative(ReId id, uint8_t byte) { return Derive(id, byte, 0); }

ReId RegexPool::Derive(ReId id, uint8_t byte, size_t depth) {
  const ReNode n = nodes_[id];
  if (n.kind == ReKind::kNone || n.kind == ReKind::kEmpty || id == kAnyBytes) return id == kAnyBytes ? id : kNothing;
  if (n.kind == ReKind::kBytes) return sets_[n.a].Has(byte) ? kEmptyText : kNothing;
  if (depth > kDeepest) full_ = true;
  if (n.calls || full_) return kNothing;
  if (n.kind == ReKind::kTable) {
    const Table& t = tables_[n.a];
    const uint32_t next = t.next[n.b * t.columns + t.classes[byte]];
    if (next == 0) return kNothing;
    return Intern({ReKind::kTable, n.a, next, 0, 0}, {ReKind::kTable, t.accepts[next], false, false, true, n.a, next});
  }
  const uint64_t key = uint64_t{id} << 8 | byte;
  if (const auto it = derivatives_.find(key); it != derivatives_.end()) return it->second;
  ReId result = kNothing;
  switch (n.kind) {
    case ReKind::kConcat: {
      result = Concat(Derive(n.a, byte, depth + 1), n.b);
      if (nodes_[n.a].nullable) result = Or(result, Derive(n.b, byte, depth + 1));
      break;
    }
    case ReKind::kOr:
    case ReKind::kAnd: {
      std::vector<ReId> parts(Parts(n).begin(), Parts(n).end());
      for (ReId& p : parts) p = Derive(p, byte, depth + 1);
      result = n.kind == ReKind::kOr ? Or(std::move(parts)) : And(std::move(parts));
      break;
    }
    case ReKind::kNot:
      result = Not(Derive(n.a, byte, depth + 1));
      break;
    case ReKind::kRepeat: {
      const ReId rest = Repeat(n.a, n.lo == 0 ? 0 : n.lo - 1, n.hi == kNoLimit ? kNoLimit : n.hi - 1);
      result = Concat(Derive(n.a, byte, depth + 1), rest);
      break;
    }
    default:
      break;
  }
  derivatives_.emplace(key, result);
  return result;
}

ReId RegexPool::RightDerivative(ReId id, uint8_t byte) {
  const ReNode n = nodes_[id];
  switch (n.kind) {
    case ReKind::kBytes:
      return sets_[n.a].Has(byte) ? kEmptyText : kNothing;
    case ReKind::kConcat: {
      const ReId late = Concat(n.a, RightDerivative(n.b, byte));
      return nodes_[n.b].nullable ? Or(late, RightDerivative(n.a, byte)) : late;
    }
    case ReKind::kOr: {
      std::vector<ReId> parts(Parts(n).begin(), Parts(n).end());
      for (ReId& p : parts) p = RightDerivative(p, byte);
      return Or(std::move(parts));
    }
    case ReKind::kRepeat: {
      const ReId rest = Repeat(n.a, n.lo == 0 ? 0 : n.lo - 1, n.hi == kNoLimit ? kNoLimit : n.hi - 1);
      return Concat(rest, RightDerivative(n.a, byte));
    }
    default:
      return kNothing;
  }
}

ReId RegexPool::Without(ReId id, const ByteSet& bytes) {
  const ReNode n = nodes_[id];
  switch (n.kind) {
    case ReKind::kBytes:
      return Bytes(sets_[n.a] & ~bytes);
    case ReKind::kConcat: {
      const ReId head = Without(n.a, bytes);
      return head == kNothing ? kNothing : Concat(head, Without(n.b, bytes));
    }
    case ReKind::kOr: {
      std::vector<ReId> parts(Parts(n).begin(), Parts(n).end());
      for (ReId& p : parts) p = Without(p, bytes);
      return Or(std::move(parts));
    }
    case ReKind::kRepeat:
      return Repeat(Without(n.a, bytes), n.lo, n.hi);
    default:
      return id;
  }
}

static uint32_t SaturatingAdd(uint64_t a, uint64_t b) { return uint32_t(std::min<uint64_t>(a + b, kNoLimit)); }

uint32_t RegexPool::ShortestChars(ReId id) {
  const ReNode& n = nodes_[id];
  if (n.kind == ReKind::kNone) return kNoLimit;
  if (n.nullable) return 0;
  if (n.kind == ReKind::kBytes) {  // a character counts at its first byte, which is no continuation byte
    return (sets_[n.a] & ~ByteSet::Range(0x80, 0xBF)).Empty() ? 0 : 1;
  }
  if (n.calls || !n.pure) return 0;
  if (const auto it = shortest_.find(id); it != shortest_.end()) return it->second;
  uint32_t shortest = kNoLimit;
  if (n.kind == ReKind::kConcat) shortest = SaturatingAdd(ShortestChars(n.a), ShortestChars(n.b));
  if (n.kind == ReKind::kOr)
    for (const ReId p : std::vector<ReId>(Parts(n).begin(), Parts(n).end())) shortest = std::min(shortest, ShortestChars(p));
  if (n.kind == ReKind::kRepeat) {
    shortest = uint32_t(std::min<uint64_t>(uint64_t{ShortestChars(n.a)} * nodes_[id].lo, kNoLimit));
  }
  shortest_.emplace(id, shortest);
  return shortest;
}

uint32_t RegexPool::Classes(ReId id, std::vector<uint8_t>& class_of) const {
  class_of.assign(256, 0);
  uint32_t count = 1;
  std::vector<bool> seen_set(sets_.size()), seen_table(tables_.size()), seen(nodes_.size());
  const auto refine = [&](auto key_of) {  // splits every class by what `key_of` says of a byte
    std::unordered_map<uint32_t, uint8_t> names;
    for (size_t b = 0; b < 256; ++b) {
      const uint32_t key = uint32_t(class_of[b]) << 16 | key_of(uint8_t(b));
      class_of[b] = names.emplace(key, uint8_t(names.size())).first->second;
    }
    count = uint32_t(names.size());
  };
  std::vector<ReId> todo = {id};
  while (!todo.empty()) {
    const ReId at = todo.back();
    todo.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    const ReNode& n = nodes_[at];
    if (n.kind == ReKind::kBytes && !seen_set[n.a]) {
      seen_set[n.a] = true;
      refine([&](uint8_t b) { return uint32_t(sets_[n.a].Has(b)); });
    }
    if (n.kind == ReKind::kTable && !seen_table[n.a]) {
      seen_table[n.a] = true;
      refine([&](uint8_t b) { return uint32_t(tables_[n.a].classes[b]); });
    }
    if (n.kind == ReKind::kOr || n.kind == ReKind::kAnd) {
      const auto parts = Parts(n);
      todo.insert(todo.end(), parts.begin(), parts.end());
    }
    if (n.kind == ReKind::kConcat) todo.push_back(n.b);
    if (n.kind == ReKind::kConcat || n.kind == ReKind::kNot || n.kind == ReKind::kRepeat) todo.push_back(n.a);
  }
  return count;
}

}  // namespace hasten::grammar
