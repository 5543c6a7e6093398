// The 256 printable characters that byte-level vocabularies write bytes as: a byte that is printable in Latin-1 is itself,
// the others are U+0100 onwards in order. Source: GPT-2's bytes_to_unicode.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hasten {

std::string_view CharOfByte(uint8_t byte);  // UTF-8
int ByteOfChar(uint32_t code);              // -1 where the character stands for no byte
// The bytes that `text` stands for; false where one of its characters stands for none, or it is not UTF-8.
bool BytesOfChars(std::string_view text, std::string& bytes);

// "<0x0A>", as vocabularies with byte fallback name their byte tokens; -1 where `text` is not of that form.
int ByteOfName(std::string_view text);
std::string NameOfByte(uint8_t byte);

}  // namespace hasten
