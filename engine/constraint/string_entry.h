// What a string allows from one of its rows on: an entry of masks.
#pragma once

#include <memory>

#include "engine/constraint/mask_entry.h"
#include "engine/constraint/string_rows.h"
#include "engine/constraint/vocab_trie.h"

namespace hasten::constraint {

// Larger subtrees behind the end of a frame are not merged with others: they are walked on the real stack, where most of
// them dies at the first byte.
inline constexpr uint32_t kMergedSubtree = 256;

// How much an entry says of the characters that tokens need below a string's limit: of each token its own, which takes
// longer, or a number that suffices for all.
enum class Needs : uint8_t { kBound, kExact };

// All tokens from `row` on below `node`.
std::unique_ptr<MaskEntry> MakeStringEntry(StringRows& rows, RowId row, const VocabTrie& trie, uint32_t node, Needs needs);

// The entry of a string whose content does not matter, from the trie's root: the same for all constraints of a vocabulary.
std::unique_ptr<MaskEntry> MakeAnyStringEntry(const VocabTrie& trie);

}  // namespace hasten::constraint
