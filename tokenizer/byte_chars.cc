#include "tokenizer/byte_chars.h"

#include <array>

#include "base/result.h"
#include "tokenizer/utf8.h"

namespace hasten {
namespace {

constexpr bool IsPrintable(int byte) { return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte != 0xad); }

struct Tables {
  std::array<std::string, 256> chars;
  std::array<int16_t, 0x200> bytes;
  Tables() {
    bytes.fill(-1);
    uint32_t next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      const uint32_t code = IsPrintable(byte) ? uint32_t(byte) : next++;
      AppendUtf8(code, chars[byte]);
      bytes[code] = int16_t(byte);
    }
  }
};

const Tables& TheTables() {
  static const Tables tables;
  return tables;
}

}  // namespace

std::string_view CharOfByte(uint8_t byte) { return TheTables().chars[byte]; }
int ByteOfChar(uint32_t code) { return code < TheTables().bytes.size() ? TheTables().bytes[code] : -1; }

bool BytesOfChars(std::string_view text, std::string& bytes) {
  bytes.clear();
  while (!text.empty()) {
    const Utf8Step step = StepUtf8(text);
    const int byte = step.kind == Utf8Step::Kind::kCharacter ? ByteOfChar(DecodeUtf8(text.data()).code) : -1;
    if (byte < 0) return false;
    bytes.push_back(char(byte));
    text.remove_prefix(step.bytes);
  }
  return true;
}

static int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int ByteOfName(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return -1;
  const int high = HexDigit(text[3]), low = HexDigit(text[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string NameOfByte(uint8_t byte) { return Fmt("<0x%02X>", byte); }

}  // namespace hasten
