// Characters of UTF-8 as Python sees them: counted, cut, classified and changed in case by code point.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hasten::jinja {

bool IsAscii(std::string_view text);
size_t CountChars(std::string_view text);
// The byte where character `index` begins; the end of `text` from its length on.
size_t ByteOfChar(std::string_view text, size_t index);
// The character at byte `at` of valid UTF-8, and `at` moved behind it.
uint32_t NextChar(std::string_view text, size_t& at);
// What is not UTF-8 becomes U+FFFD, byte by byte.
std::string ValidUtf8(std::string_view bytes);

// Case and class of one character, by the C library's tables for C.UTF-8.
bool IsSpace(uint32_t c);      // str.isspace
bool IsLineBreak(uint32_t c);  // what str.splitlines breaks at
bool IsAlpha(uint32_t c);
bool IsDigit(uint32_t c);
bool IsUpper(uint32_t c);
bool IsLower(uint32_t c);
bool IsWord(uint32_t c);       // \w of Python's regular expressions
bool IsPrintable(uint32_t c);  // what repr() shows as it is

std::string Upper(std::string_view text);
std::string Lower(std::string_view text);
std::string Capitalized(std::string_view text);
std::string Titled(std::string_view text);  // str.title: each run of letters begins with a capital
std::string SwapCase(std::string_view text);

}  // namespace hasten::jinja
