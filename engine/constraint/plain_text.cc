#include "engine/constraint/plain_text.h"

#include <array>

namespace hasten::constraint {
namespace {

enum Sort : uint8_t {
  kLowerCase = 1,
  kUpperCase = 2,
  kDigits = 4,  // and the underscore
  kSigns = 8,
  kBlank = 16,
  kMost = 32,
  kRest = 64,
  kOther = 128,
};

constexpr uint8_t kWordSorts = kLowerCase | kUpperCase | kDigits, kGraphicSorts = kWordSorts | kSigns;

constexpr std::array<uint8_t, kTextKinds> kSortsOf = {
    kLowerCase,
    kLowerCase | kUpperCase,
    kWordSorts,
    kGraphicSorts,
    kGraphicSorts | kBlank,
    kGraphicSorts | kMost,
    kGraphicSorts | kMost | kRest,
    kGraphicSorts | kBlank | kMost | kRest,
};

bool In(uint8_t byte, uint8_t first, uint8_t last) { return byte >= first && byte <= last; }

}  // namespace

// The Unicode Standard, table 3-7.
Utf8 Utf8After(Utf8 at, uint8_t byte) {
  const auto go = [&](uint8_t first, uint8_t last, Utf8 next) { return In(byte, first, last) ? next : Utf8::kInvalid; };
  switch (at) {
    case Utf8::kBegin:
      if (byte < 0x80) return Utf8::kBegin;
      if (In(byte, 0xC2, 0xDF)) return Utf8::kOneLeft;
      if (byte == 0xE0) return Utf8::kAfterE0;
      if (byte == 0xED) return Utf8::kAfterED;
      if (In(byte, 0xE1, 0xEF)) return Utf8::kTwoLeft;
      if (byte == 0xF0) return Utf8::kAfterF0;
      if (byte == 0xF4) return Utf8::kAfterF4;
      return go(0xF1, 0xF3, Utf8::kThreeLeft);
    case Utf8::kOneLeft:
      return go(0x80, 0xBF, Utf8::kBegin);
    case Utf8::kTwoLeft:
      return go(0x80, 0xBF, Utf8::kOneLeft);
    case Utf8::kThreeLeft:
      return go(0x80, 0xBF, Utf8::kTwoLeft);
    case Utf8::kAfterE0:
      return go(0xA0, 0xBF, Utf8::kOneLeft);
    case Utf8::kAfterED:
      return go(0x80, 0x9F, Utf8::kOneLeft);
    case Utf8::kAfterF0:
      return go(0x90, 0xBF, Utf8::kTwoLeft);
    case Utf8::kAfterF4:
      return go(0x80, 0x8F, Utf8::kTwoLeft);
    case Utf8::kInvalid:
      break;
  }
  return Utf8::kInvalid;
}

uint8_t SortOf(Utf8 at, uint8_t byte) {
  if (Utf8After(at, byte) == Utf8::kInvalid) return kOther;
  if (at != Utf8::kBegin) return kMost;
  if (In(byte, 'a', 'z')) return kLowerCase;
  if (In(byte, 'A', 'Z')) return kUpperCase;
  if (In(byte, '0', '9') || byte == '_') return kDigits;
  if (byte == ' ') return kBlank;
  if (byte < 0x20 || byte == 0x7F || byte == '"' || byte == '\\') return kOther;
  if (byte < 0x80) return kSigns;
  const bool white_space = byte == 0xC2 || In(byte, 0xE1, 0xE3) || byte == 0xEF;  // U+00A0, 1680, 2000…, 3000, FEFF
  return white_space ? kRest : kMost;
}

bool Allows(TextKind kind, uint8_t sorts) { return (sorts & ~kSortsOf[size_t(kind)]) == 0; }

TextKind NarrowestKind(uint8_t sorts) {
  for (size_t i = 0; i < kTextKinds; ++i)
    if (Allows(TextKind(i), sorts)) return TextKind(i);
  return TextKind::kNone;
}

}  // namespace hasten::constraint
