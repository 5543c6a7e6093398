#include "engine/constraint/string_rows.h"

#include <algorithm>
#include <string_view>

namespace hasten::constraint {
namespace {

using grammar::kAnyText;
using grammar::kNothing;
using grammar::ReId;
using grammar::ReKind;

// How far an escape has come. Those of the second half are for strings whose content does not matter.
enum Escape : uint8_t {
  kNone,
  kBackslash,
  kU,     // \u, then 00
  kU0,    // \u0
  kU00,   // \u00, then 0 or 1
  kU000,  // and the last digit
  kU001,
  kAnyU,       // \u, then four digits
  kThreeLeft,  // any digits
  kTwoLeft,
  kOneLeft,
  kAfterD,       // \uD: 0 to 7 go on as others, 8 to b begin a pair, its other half alone is none
  kHighTwoLeft,  // digits of the first half
  kHighOneLeft,
  kPair,  // then \uDC00 to \uDFFF
  kPairBackslash,
  kPairU,
  kPairD,
};

constexpr std::string_view kShort = "\"\\/bfnrt", kShortValues = "\"\\/\b\f\n\r\t";

// How far LookAhead goes: further than nearly all tokens, over more rows than the patterns have for which it is worth it.
constexpr uint16_t kFarthest = 24;
constexpr size_t kMostRowsAhead = 40;

int HexDigit(uint8_t b) {
  if (b >= '0' && b <= '9') return b - '0';
  if ((b | 32) >= 'a' && (b | 32) <= 'f') return (b | 32) - 'a' + 10;
  return -1;
}

}  // namespace

RowId StringRows::Start(ReId content) {
  const auto [it, is_new] = dfa_of_.try_emplace(content, uint32_t(dfas_.size()));
  if (is_new) dfas_.emplace_back(pool_, content);
  const uint32_t start = dfas_[it->second].start();
  return start == grammar::Dfa::kDead ? kDead : RowOf(it->second, start, kNone);
}

uint32_t StringRows::RowOf(uint32_t dfa, uint32_t state, uint8_t escape) {
  if (state == grammar::Dfa::kDead) return kDead;
  const ReId id = dfas_[dfa].Expression(state);
  const uint64_t key = uint64_t{id} << 5 | escape;  // equal expressions of different strings are one row
  if (const auto it = row_of_.find(key); it != row_of_.end()) return it->second;
  if (rows_.size() >= kMostRows) return kDead;
  Row& row = rows_.emplace_back();
  row.dfa = dfa;
  row.state = state;
  row.escape = escape;
  row.shortest = dfas_[dfa].ShortestChars(state);
  row.any = id == kAnyText;
  row.exceptions = kNothing;
  if (const auto& n = pool_[id]; n.kind == ReKind::kAnd && n.b == 2 && escape == kNone) {
    const auto parts = pool_.Parts(n);
    const auto& other = pool_[parts[1]];
    if (parts[0] == kAnyText && other.kind == ReKind::kNot && !pool_[other.a].star && pool_[other.a].pure)
      row.exceptions = other.a;
  }
  row.next.fill(kUnknown);
  row_of_.emplace(key, RowId(rows_.size() - 1));
  return RowId(rows_.size() - 1);
}

uint32_t StringRows::Fill(RowId id, uint8_t byte) {
  const Row& row = rows_[id];  // a deque: stays where it is while others are added
  const uint32_t next = Compute(row, byte);
  rows_[id].next[byte] = next;
  if (row.escape != kNone || byte < 0x20 || byte == '"' || byte == '\\') return next;
  for (const uint8_t b : dfas_[row.dfa].Alike(byte))
    if (b >= 0x20 && b != '"' && b != '\\') rows_[id].next[b] = next;
  return next;
}

uint32_t StringRows::Compute(const Row& row, uint8_t byte) {
  if (row.escape == kNone) return Plain(row, byte);
  return row.escape >= kAnyU ? AnyEscaped(row, byte) : Escaped(row, byte);
}

uint32_t StringRows::Content(const Row& row, uint8_t byte) {
  return RowOf(row.dfa, dfas_[row.dfa].Next(row.state, byte), kNone);
}

bool StringRows::SomeByte(const Row& row, uint8_t first, uint8_t last) {
  for (unsigned b = first; b <= last; ++b)
    if (dfas_[row.dfa].Next(row.state, uint8_t(b)) != grammar::Dfa::kDead) return true;
  return false;
}

uint32_t StringRows::Plain(const Row& row, uint8_t byte) {
  if (byte < 0x20) return kDead;
  if (byte == '"') return dfas_[row.dfa].Accepts(row.state) ? kClosed : kDead;
  if (byte != '\\') return Content(row, byte);
  const bool some = SomeByte(row, 0, 0x1F) ||
                    std::ranges::any_of(kShortValues, [&](char c) { return SomeByte(row, uint8_t(c), uint8_t(c)); });
  return some ? RowOf(row.dfa, row.state, kBackslash) : kDead;
}

uint32_t StringRows::Escaped(const Row& row, uint8_t byte) {
  const auto go = [&](uint8_t escape, uint8_t first, uint8_t last) {
    return SomeByte(row, first, last) ? RowOf(row.dfa, row.state, escape) : kDead;
  };
  const int digit = HexDigit(byte);
  switch (row.escape) {
    case kBackslash:
      if (byte == 'u') return row.any ? RowOf(row.dfa, row.state, kAnyU) : go(kU, 0, 0x1F);
      if (const size_t i = kShort.find(char(byte)); i != std::string_view::npos) return Content(row, uint8_t(kShortValues[i]));
      return kDead;
    case kU:
      return byte == '0' ? go(kU0, 0, 0x1F) : kDead;
    case kU0:
      return byte == '0' ? go(kU00, 0, 0x1F) : kDead;
    case kU00:
      return byte == '0' ? go(kU000, 0, 0x0F) : byte == '1' ? go(kU001, 0x10, 0x1F) : kDead;
    default:
      return digit < 0 ? kDead : Content(row, uint8_t(digit + (row.escape == kU001 ? 16 : 0)));
  }
}

uint32_t StringRows::AnyEscaped(const Row& row, uint8_t byte) {
  const auto go = [&](bool right, uint8_t escape) { return right ? RowOf(row.dfa, row.state, escape) : kDead; };
  const int digit = HexDigit(byte);
  switch (row.escape) {
    case kAnyU:
      return go(digit >= 0, digit == 13 ? kAfterD : kThreeLeft);
    case kThreeLeft:
      return go(digit >= 0, kTwoLeft);
    case kTwoLeft:
      return go(digit >= 0, kOneLeft);
    case kAfterD:
      return go(digit >= 0 && digit < 12, digit < 8 ? kTwoLeft : kHighTwoLeft);
    case kHighTwoLeft:
      return go(digit >= 0, kHighOneLeft);
    case kHighOneLeft:
      return go(digit >= 0, kPair);
    case kPair:
      return go(byte == '\\', kPairBackslash);
    case kPairBackslash:
      return go(byte == 'u', kPairU);
    case kPairU:
      return go(digit == 13, kPairD);
    case kPairD:
      return go(digit >= 12, kTwoLeft);
    default:
      return go(digit >= 0, kNone);  // kOneLeft
  }
}

const std::vector<uint8_t>& StringRows::BytesOf(uint32_t dfa, TextKind kind, Utf8 at) {
  auto [it, is_new] = bytes_of_.try_emplace(uint64_t{dfa} << 8 | uint64_t(kind) << 4 | uint64_t(at));
  if (!is_new) return it->second;
  std::vector<std::pair<uint8_t, Utf8>> seen;  // the first byte of a class, and what it does to the character
  for (unsigned b = 0; b < 256; ++b) {
    if (!Allows(kind, SortOf(at, uint8_t(b)))) continue;
    const std::pair alike = {dfas_[dfa].Alike(uint8_t(b))[0], Utf8After(at, uint8_t(b))};
    if (std::ranges::find(seen, alike) != seen.end()) continue;
    seen.push_back(alike);
    it->second.push_back(uint8_t(b));
  }
  return it->second;
}

// Breadth first: level n is what texts of n bytes come to.
StringRows::Ahead StringRows::Search(RowId row, TextKind kind, Utf8 at) {
  std::vector<std::pair<RowId, Utf8>> found = {{row, at}};
  uint32_t least = UINT32_MAX, most = 0;
  Ahead a;
  for (size_t begin = 0; begin < found.size() && a.live < kFarthest;) {
    const size_t end = found.size();
    for (size_t i = begin; i < end; ++i) {
      const auto [from, place] = found[i];
      for (const uint8_t byte : BytesOf(rows_[from].dfa, kind, place)) {
        const uint32_t next = Next(from, byte);
        if (next >= kUnknown || found.size() > kMostRowsAhead) return a;
        least = std::min(least, rows_[next].shortest);
        most = std::max(most, rows_[next].shortest);
        const std::pair then = {RowId(next), Utf8After(place, byte)};
        if (std::ranges::find(found, then) == found.end()) found.push_back(then);
      }
    }
    begin = end;
    a.live = begin == found.size() ? UINT16_MAX : a.live + 1;
    a.most = most;
    if (least == most) a.even = a.live;
  }
  return a;
}

const StringRows::Ahead& StringRows::LookAhead(RowId row, TextKind kind, Utf8 at) {
  const auto [it, is_new] = ahead_.try_emplace(uint64_t{row} << 8 | uint64_t(kind) << 4 | uint64_t(at));
  if (is_new && rows_[row].escape == kNone) it->second = Search(row, kind, at);
  return it->second;
}

}  // namespace hasten::constraint
