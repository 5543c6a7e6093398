#include "engine/constraint/string_entry.h"

#include <algorithm>
#include <span>

namespace hasten::constraint {
namespace {

class StringWalk {
 public:
  StringWalk(StringRows& rows, const VocabTrie& trie, Needs needs)
      : rows_(rows), trie_(trie), exact_(needs == Needs::kExact), entry_(std::make_unique<MaskEntry>()) {}

  std::unique_ptr<MaskEntry> Run(RowId row, uint32_t node) {
    const uint32_t base = trie_.Depth(node);
    std::vector<At> path(trie_.longest() + 2);
    path[0] = {row, 0};
    for (uint32_t i = node + 1; i < trie_.Skip(node);) {
      const uint32_t depth = trie_.Depth(i) - base;
      const At from = path[depth - 1];
      const uint32_t next = rows_.Next(from.row, trie_.Byte(i));
      if (next == StringRows::kClosed) AddClosed(i, from.chars);
      if (next == StringRows::kDead || next == StringRows::kClosed) {
        i = trie_.Skip(i);
        continue;
      }
      const At at = {next, uint16_t(from.chars + rows_.Counts(from.row, trie_.Byte(i)))};
      Add(trie_.Tokens(i), at.chars, rows_.Shortest(next));
      path[depth] = at;
      i = AddWhole(i, at) ? trie_.Skip(i) : i + 1;
    }
    entry_->Finish(trie_.vocab());
    return std::move(entry_);
  }

 private:
  struct At {
    RowId row;
    uint16_t chars;
  };

  // No token is so long that it matters by how much a need is beyond 16 bits.
  static uint16_t Need(uint64_t chars, uint32_t shortest) { return uint16_t(std::min<uint64_t>(chars + shortest, UINT16_MAX)); }

  void Add(std::span<const int32_t> tokens, uint16_t chars, uint32_t shortest) {
    const uint16_t need = Need(chars, shortest);
    for (const int32_t t : tokens) {
      entry_->most_needed = std::max<uint32_t>(entry_->most_needed, need);
      entry_->tokens.push_back(t);
      if (exact_) entry_->needs.push_back(need);
    }
  }

  // All that stands below node `i`, where it is plain text of a kind that the row takes whatever it is.
  bool AddWhole(uint32_t i, At at) {
    const VocabTrie::Below& below = trie_.BelowOf(i);
    if (below.kind == TextKind::kNone) return false;
    const StringRows::Ahead& ahead = rows_.LookAhead(at.row, below.kind, below.at);
    if (below.height > (exact_ ? ahead.even : ahead.live)) return false;
    const auto tokens = trie_.TokensBelow(i);
    entry_->tokens.insert(entry_->tokens.end(), tokens.begin(), tokens.end());
    entry_->most_needed = std::max<uint32_t>(entry_->most_needed, Need(uint64_t{at.chars} + below.height, ahead.most));
    if (!exact_) return true;
    for (const uint16_t chars : trie_.CharsBelow(i))
      entry_->needs.push_back(Need(uint64_t{at.chars} + chars - below.chars, ahead.most));
    return true;
  }

  void AddClosed(uint32_t i, uint16_t chars) {
    if (trie_.Skip(i) - i > kMergedSubtree) {
      for (const int32_t t : trie_.Tokens(i)) entry_->suffixes.AddToken(0, {t, chars});
      entry_->exits.push_back({i, chars});
    } else {
      entry_->suffixes.Add(trie_, i, chars);
    }
  }

  StringRows& rows_;
  const VocabTrie& trie_;
  const bool exact_;
  std::unique_ptr<MaskEntry> entry_;
};

}  // namespace

std::unique_ptr<MaskEntry> MakeStringEntry(StringRows& rows, RowId row, const VocabTrie& trie, uint32_t node, Needs needs) {
  return StringWalk(rows, trie, needs).Run(row, node);
}

std::unique_ptr<MaskEntry> MakeAnyStringEntry(const VocabTrie& trie) {
  grammar::RegexPool pool;
  StringRows rows(pool);
  return MakeStringEntry(rows, rows.Start(grammar::kAnyText), trie, VocabTrie::kRoot, Needs::kExact);
}

}  // namespace hasten::constraint
