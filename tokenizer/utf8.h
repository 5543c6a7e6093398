// UTF-8: reading characters of valid text, and finding where hostile bytes stop being text.
// Source: the Unicode standard, table 3-7 (well-formed sequences) and section 3.9 (one U+FFFD per maximal subpart).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hasten {

struct Utf8Char {
  uint32_t code;
  uint32_t bytes;
};

// The character at `p`, which must be the start of a well-formed sequence.
inline Utf8Char DecodeUtf8(const char* p) {
  const auto byte = [p](int i) { return uint32_t(uint8_t(p[i])); };
  if (byte(0) < 0x80) return {byte(0), 1};
  if (byte(0) < 0xe0) return {(byte(0) & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  if (byte(0) < 0xf0) return {(byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3};
  return {(byte(0) & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f), 4};
}

// The start of the character that ends before `p`, in well-formed text that begins at or before it.
inline const char* PreviousUtf8(const char* p) {
  do --p;
  while ((uint8_t(*p) & 0xc0) == 0x80);
  return p;
}

void AppendUtf8(uint32_t code, std::string& out);

inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// What stands at the start of hostile bytes: `bytes` of them are one character, or one maximal subpart to be replaced;
// kCutShort: the text ends before the character does, so more bytes could still complete it.
struct Utf8Step {
  enum class Kind : uint8_t { kCharacter, kInvalid, kCutShort };
  size_t bytes;
  Kind kind;
};
Utf8Step StepUtf8(std::string_view text);  // not empty

bool IsUtf8(std::string_view text);
std::string ReplaceInvalidUtf8(std::string_view text);

// Moves what is complete from the front of `pending` to the result, invalid bytes as U+FFFD. What remains (at most three
// bytes) is the beginning of a character.
std::string TakeCompleteUtf8(std::string& pending);

}  // namespace hasten
