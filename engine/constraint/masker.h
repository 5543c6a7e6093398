// Which tokens of a vocabulary an automaton's configurations allow.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/constraint/automaton.h"
#include "engine/constraint/mask_entry.h"
#include "engine/constraint/string_entry.h"
#include "engine/constraint/vocab_trie.h"

namespace hasten::constraint {

using Bits = std::span<uint64_t>;  // one a token
inline void SetBit(Bits bits, int32_t t) { bits[size_t(t) / 64] |= uint64_t{1} << (t % 64); }
inline void ClearBit(Bits bits, int32_t t) { bits[size_t(t) / 64] &= ~(uint64_t{1} << (t % 64)); }
inline bool HasBit(std::span<const uint64_t> bits, int32_t t) { return (bits[size_t(t) / 64] >> (t % 64)) & 1; }

class Masker {
 public:
  Masker(Automaton& automaton, const VocabTrie& trie, const MaskEntry& any_string)
      : automaton_(automaton), trie_(trie), any_string_(any_string) {}

  // Adds what `configs` allow. Leaves the arena as it was.
  void Add(Arena& arena, std::span<const FrameId> configs, Bits out);

 private:
  struct Key {
    uint8_t kind;
    uint32_t a, b, node;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& k) const {
      return (((uint64_t{k.a} << 32 | k.b) * 0x9e3779b97f4a7c15u) ^ (uint64_t{k.node} << 8 | k.kind)) * 0xff51afd7ed558ccdu >>
             7;
    }
  };
  void Below(Arena& arena, FrameId top, uint32_t node, Bits out);
  void Walk(Arena& arena, const Configs& configs, uint32_t node, Bits out);
  void AddString(Arena& arena, FrameId top, uint32_t node, Bits out);
  void AddRelative(Arena& arena, FrameId top, uint32_t node, Bits out);
  void AddSuffixes(Arena& arena, const SuffixTrie& s, const Configs& configs, uint32_t node, uint32_t lo, uint32_t hi,
                   Bits out);
  void AddTokenEdges(Arena& arena, std::span<const FrameId> configs, Bits out);
  void AddEntry(Arena& arena, const MaskEntry& e, FrameId then, uint32_t lo, uint32_t hi, Bits out);
  const MaskEntry& StringEntry(RowId row, uint32_t node, Needs needs);
  const MaskEntry& StringEntry(RowId row, uint32_t node, uint32_t hi);
  const MaskEntry& RelativeEntry(const Frame& f, uint32_t node);
  std::unique_ptr<MaskEntry> ExceptionEntry(RowId row, uint32_t node);
  void WalkRelative(Arena& arena, const Configs& configs, uint32_t node, uint32_t start, MaskEntry& e);
  MaskEntry& Keep(const Key& key, std::unique_ptr<MaskEntry> entry);

  Automaton& automaton_;
  const VocabTrie& trie_;
  const MaskEntry& any_string_;
  std::unordered_map<Key, std::unique_ptr<MaskEntry>, KeyHash> entries_;
  size_t bytes_ = 0;
};

}  // namespace hasten::constraint
