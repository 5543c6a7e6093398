// Text of other encodings made UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hasten {

enum class Encoding : uint8_t { kUtf8, kUtf8Bom, kUtf16Le, kUtf16Be, kWindows1252 };

struct DecodedText {
  std::string utf8;
  Encoding was;
};

// By byte order mark; else UTF-8 where the bytes are that; else Windows-1252, which gives every byte a meaning.
DecodedText DecodeText(std::string bytes);

// UTF-8 in another encoding, with its byte order mark; nothing where Windows-1252 lacks a character of it.
std::optional<std::string> EncodeText(const std::string& utf8, Encoding encoding);

void AppendUtf8(std::string& out, uint32_t code_point);

}  // namespace hasten
