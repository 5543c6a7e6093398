// Kinds of plain text, which is what most of a vocabulary's trie is made of.
//
// Below most nodes of the trie stand letters, or characters that can be printed, and nothing else. Where a string can go on
// with every text of such a kind, the subtree below the node need not be walked: all of its tokens are allowed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hasten::constraint {

// From the narrowest on. Graphic: what can be printed but for the blank, the quote and the backslash. Most characters beyond
// ASCII: those whose first byte is no white space's, because patterns tell white space from the rest.
enum class TextKind : uint8_t {
  kLower,
  kLetters,
  kWord,
  kGraphic,
  kPrintable,
  kGraphicAndMost,
  kGraphicAndAll,
  kPrintableAndAll,
  kNone,
};
inline constexpr size_t kTextKinds = size_t(TextKind::kNone);

// How far a character of several bytes has come.
enum class Utf8 : uint8_t { kBegin, kOneLeft, kTwoLeft, kThreeLeft, kAfterE0, kAfterED, kAfterF0, kAfterF4, kInvalid };
inline constexpr size_t kUtf8States = size_t(Utf8::kInvalid);

Utf8 Utf8After(Utf8 at, uint8_t byte);

// The sorts of bytes that a text holds, as bits: what `byte` adds to them when it stands at `at`.
uint8_t SortOf(Utf8 at, uint8_t byte);
// The narrowest kind that allows all these sorts.
TextKind NarrowestKind(uint8_t sorts);
bool Allows(TextKind kind, uint8_t sorts);

}  // namespace hasten::constraint
