#include "engine/constraint/masker.h"

#include <algorithm>
#include <iterator>

namespace hasten::constraint {

// Subtrees smaller than this are walked, larger ones looked up.
static constexpr uint32_t kSmallSubtree = 24;
static constexpr size_t kMostCachedBytes = size_t{256} << 20;

// ----------------------------------------------------------------------------------------------------- making entries

// As a string of any content, without the tokens that would spell one of the exceptions. Only paths along them are walked.
std::unique_ptr<MaskEntry> Masker::ExceptionEntry(RowId row, uint32_t node) {
  StringRows& rows = automaton_.rows();
  auto e = std::make_unique<MaskEntry>();
  const RowId any = rows.Start(grammar::kAnyText);
  e->base = &StringEntry(any, node, Needs::kExact);
  const uint32_t base = trie_.Depth(node);
  std::vector<std::pair<RowId, RowId>> path(trie_.longest() + 2);
  path[0] = {row, any};
  for (uint32_t i = node + 1; i < trie_.Skip(node);) {
    const auto [from, from_any] = path[trie_.Depth(i) - base - 1];
    const uint32_t next = rows.Next(from, trie_.Byte(i)), next_any = rows.Next(from_any, trie_.Byte(i));
    if (next == next_any || next_any == StringRows::kDead) {
      i = trie_.Skip(i);
      continue;
    }
    if (next == StringRows::kDead) {
      const uint32_t end = trie_.Skip(i);
      for (; i < end; ++i) e->without.insert(e->without.end(), trie_.Tokens(i).begin(), trie_.Tokens(i).end());
      continue;
    }
    path[trie_.Depth(i) - base] = {next, next_any};
    ++i;
  }
  e->Finish(trie_.vocab());
  return e;
}

MaskEntry& Masker::Keep(const Key& key, std::unique_ptr<MaskEntry> entry) {
  bytes_ += entry->bytes();
  auto& slot = entries_[key];
  slot = std::move(entry);
  return *slot;
}

const MaskEntry& Masker::StringEntry(RowId row, uint32_t node, Needs needs) {
  StringRows& rows = automaton_.rows();
  if (rows.AnyContent(row)) {
    if (node == VocabTrie::kRoot) return any_string_;
    needs = Needs::kExact;  // others are told as this one less some tokens
  }
  const Key key = {uint8_t(FrameKind::kString), row, uint32_t(needs), node};
  if (const auto it = entries_.find(key); it != entries_.end()) return *it->second;
  if (rows.Exceptions(row) != grammar::kNothing) return Keep(key, ExceptionEntry(row, node));
  return Keep(key, MakeStringEntry(rows, row, trie_, node, needs));
}

// One that is right where the string's limit leaves `hi` characters. A limit below the longest token matters to most rows.
const MaskEntry& Masker::StringEntry(RowId row, uint32_t node, uint32_t hi) {
  if (hi >= trie_.longest()) {
    const MaskEntry& bounded = StringEntry(row, node, Needs::kBound);
    if (hi >= bounded.most_needed) return bounded;
  }
  return StringEntry(row, node, Needs::kExact);
}

void Masker::WalkRelative(Arena& arena, const Configs& configs, uint32_t node, uint32_t start, MaskEntry& e) {
  bool hit = false;
  Configs next;
  for (uint32_t c = node + 1; c < trie_.Skip(node) && !automaton_.exhausted(); c = trie_.Skip(c)) {
    const size_t size = arena.size();
    next.clear();
    for (const FrameId top : configs) automaton_.Step(arena, top, trie_.Byte(c), next);
    hit = automaton_.TakeHitBottom() || hit;
    if (!next.empty()) {
      e.tokens.insert(e.tokens.end(), trie_.Tokens(c).begin(), trie_.Tokens(c).end());
      if (trie_.Skip(c) > c + 1) WalkRelative(arena, next, c, start, e);
    }
    arena.Shrink(size);
  }
  if (!hit) return;
  if (node == start) {
    e.complete_at_start = true;
  } else if (trie_.Skip(node) - node > kMergedSubtree) {
    e.exits.push_back({node, 0});
  } else {
    e.suffixes.Add(trie_, node, 0);
  }
}

const MaskEntry& Masker::RelativeEntry(const Frame& f, uint32_t node) {
  const Key key = {uint8_t(f.kind), f.def, f.state, node};
  if (const auto it = entries_.find(key); it != entries_.end()) return *it->second;
  auto e = std::make_unique<MaskEntry>();
  Arena arena;
  Frame alone = f;
  alone.parent = kBottomFrame;
  automaton_.TakeHitBottom();
  WalkRelative(arena, {arena.Push(alone)}, node, node, *e);
  e->Finish(trie_.vocab());
  return Keep(key, std::move(e));
}

// ----------------------------------------------------------------------------------------------------- using entries

void Masker::Add(Arena& arena, std::span<const FrameId> configs, Bits out) {
  if (bytes_ > kMostCachedBytes) {
    entries_.clear();
    bytes_ = 0;
  }
  const size_t size = arena.size();
  Configs structural;
  for (const FrameId top : configs) {
    const FrameKind kind = arena[top].kind;
    if (automaton_.IsString(arena[top]) || kind == FrameKind::kRule || kind == FrameKind::kScalar) {
      Below(arena, top, VocabTrie::kRoot, out);
    } else {
      structural.push_back(top);
    }
  }
  if (!structural.empty()) Walk(arena, structural, VocabTrie::kRoot, out);
  if (automaton_.has_token_edges()) AddTokenEdges(arena, configs, out);
  arena.Shrink(size);
}

void Masker::Below(Arena& arena, FrameId top, uint32_t node, Bits out) {
  const Frame& f = arena[top];
  if (automaton_.IsString(f)) return AddString(arena, top, node, out);
  const bool plain = f.kind == FrameKind::kScalar || (f.kind == FrameKind::kRule && automaton_.grammar().json.values.empty());
  if (plain) return AddRelative(arena, top, node, out);
  Walk(arena, {top}, node, out);
}

void Masker::Walk(Arena& arena, const Configs& configs, uint32_t node, Bits out) {
  Configs next;
  for (uint32_t c = node + 1; c < trie_.Skip(node) && !automaton_.exhausted(); c = trie_.Skip(c)) {
    const size_t size = arena.size();
    next.clear();
    for (const FrameId top : configs) automaton_.Step(arena, top, trie_.Byte(c), next);
    if (!next.empty()) {
      for (const int32_t t : trie_.Tokens(c)) SetBit(out, t);
      if (trie_.Skip(c) - c > kSmallSubtree) {
        std::erase_if(next, [&](FrameId top) {
          if (!automaton_.IsString(arena[top])) return false;
          AddString(arena, top, c, out);
          return true;
        });
      }
      if (trie_.Skip(c) > c + 1 && !next.empty()) Walk(arena, next, c, out);
    }
    arena.Shrink(size);
  }
}

static void AddTokens(const MaskEntry& e, uint32_t hi, Bits out) {
  const auto above = std::ranges::upper_bound(e.levels, hi, {}, &MaskEntry::Level::need);
  size_t i = 0;
  if (above != e.levels.begin()) {
    const MaskEntry::Level& level = *std::prev(above);
    for (size_t w = 0; w < out.size(); ++w) out[w] |= level.bits[w];
    i = level.end;
  }
  for (; i < e.tokens.size() && (e.needs.empty() || e.needs[i] <= hi); ++i) SetBit(out, e.tokens[i]);
}

void Masker::AddEntry(Arena& arena, const MaskEntry& e, FrameId then, uint32_t lo, uint32_t hi, Bits out) {
  AddTokens(e, hi, out);
  for (const SuffixTrie::Token& t : e.suffixes.Tokens(0))
    if (t.chars >= lo && t.chars <= hi) SetBit(out, t.id);
  if (e.suffixes.size() > 1) AddSuffixes(arena, e.suffixes, {then}, 0, lo, hi, out);
  for (const MaskEntry::Exit& exit : e.exits)
    if (exit.chars >= lo && exit.chars <= hi) Below(arena, then, exit.node, out);
}

void Masker::AddString(Arena& arena, FrameId top, uint32_t node, Bits out) {
  const Frame f = arena[top];
  const bool limited = f.kind == FrameKind::kString;
  const FrameId then = automaton_.Closed(arena, top);
  const uint32_t lo = limited ? f.lo : 0, hi = limited ? f.hi : grammar::kNoLimit;
  const MaskEntry& e = StringEntry(f.state, node, hi);
  if (e.base == nullptr) return AddEntry(arena, e, then, lo, hi, out);
  std::vector<bool> before;
  for (const int32_t t : e.without) before.push_back(HasBit(out, t));
  AddEntry(arena, *e.base, then, lo, hi, out);
  for (size_t i = 0; i < before.size(); ++i)
    if (!before[i]) ClearBit(out, e.without[i]);
}

void Masker::AddRelative(Arena& arena, FrameId top, uint32_t node, Bits out) {
  const Frame f = arena[top];
  const MaskEntry& e = RelativeEntry(f, node);
  AddTokens(e, grammar::kNoLimit, out);
  if (f.parent == kEndFrame) return;
  if (e.complete_at_start) Below(arena, f.parent, node, out);
  if (e.suffixes.size() > 1) AddSuffixes(arena, e.suffixes, {f.parent}, 0, 0, grammar::kNoLimit, out);
  for (const MaskEntry::Exit& exit : e.exits) Below(arena, f.parent, exit.node, out);
}

void Masker::AddSuffixes(Arena& arena, const SuffixTrie& s, const Configs& configs, uint32_t node, uint32_t lo, uint32_t hi,
                         Bits out) {
  Configs next;
  for (uint32_t c = node + 1; c < s.Skip(node) && !automaton_.exhausted(); c = s.Skip(c)) {
    const size_t size = arena.size();
    next.clear();
    for (const FrameId top : configs) automaton_.Step(arena, top, s.Byte(c), next);
    if (!next.empty()) {
      for (const SuffixTrie::Token& t : s.Tokens(c))
        if (t.chars >= lo && t.chars <= hi) SetBit(out, t.id);
      if (s.Skip(c) > c + 1) AddSuffixes(arena, s, next, c, lo, hi, out);
    }
    arena.Shrink(size);
  }
}

void Masker::AddTokenEdges(Arena& arena, std::span<const FrameId> configs, Bits out) {
  std::vector<TokenEdge> edges;
  for (const FrameId top : configs) automaton_.TokenEdges(arena, top, edges);
  for (const TokenEdge& e : edges) {
    const bool known = e.token >= 0 && size_t(e.token) < trie_.vocab();
    if (!e.negated) {
      if (known) SetBit(out, e.token);
      continue;
    }
    std::vector<int32_t> except(trie_.ends().begin(), trie_.ends().end());
    if (known) except.push_back(e.token);
    std::erase_if(except, [&](int32_t t) { return HasBit(out, t); });
    for (size_t t = 0; t < trie_.vocab(); ++t) SetBit(out, int32_t(t));
    for (const int32_t t : except) ClearBit(out, t);
  }
}

}  // namespace hasten::constraint
