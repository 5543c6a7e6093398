#include "text/grammar/char_set.h"

#include <algorithm>

namespace hasten::grammar {

std::vector<CharRange> CharSet::Sorted() const {
  std::vector<CharRange> sorted = ranges_, merged;
  std::ranges::sort(sorted, {}, &CharRange::first);
  for (const CharRange& r : sorted) {
    if (r.first > r.last) continue;
    if (!merged.empty() && r.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, r.last);
    } else {
      merged.push_back(r);
    }
  }
  return merged;
}

CharSet CharSet::Complement() const {
  CharSet out;
  uint32_t next = 0;
  for (const CharRange& r : Sorted()) {
    if (r.first > next) out.Add(next, r.first - 1);
    next = r.last + 1;
  }
  if (next <= kLastChar) out.Add(next, kLastChar);
  return out;
}

void AppendUtf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += {char(0xC0 | c >> 6), char(0x80 | (c & 0x3F))};
  } else if (c < 0x10000) {
    out += {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 0x3F)), char(0x80 | (c & 0x3F))};
  } else {
    out += {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 0x3F)), char(0x80 | (c >> 6 & 0x3F)), char(0x80 | (c & 0x3F))};
  }
}

// The sequences of byte ranges for code points first to last, which take equally many bytes. Cut so that all but the first
// differing byte run over their whole range: R. Cox, utf8-ranges, 2010 (the method of RE2).
static void AddRange(RegexPool& pool, uint32_t first, uint32_t last, std::vector<ReId>& out) {
  static constexpr uint32_t kLengthEnds[] = {0x7F, 0x7FF, 0xFFFF};
  for (const uint32_t end : kLengthEnds) {
    if (first <= end && last > end) {
      AddRange(pool, first, end, out);
      return AddRange(pool, end + 1, last, out);
    }
  }
  if (first >= 0x80) {
    for (unsigned bits = 6; bits <= 18; bits += 6) {
      const uint32_t low = (uint32_t{1} << bits) - 1;
      if ((first & ~low) == (last & ~low)) break;
      if ((first & low) != 0) {
        AddRange(pool, first, first | low, out);
        return AddRange(pool, (first | low) + 1, last, out);
      }
      if ((last & low) != low) {
        AddRange(pool, first, (last & ~low) - 1, out);
        return AddRange(pool, last & ~low, last, out);
      }
    }
  }
  std::string a, b;
  AppendUtf8(a, first);
  AppendUtf8(b, last);
  ReId id = kEmptyText;
  for (size_t i = a.size(); i-- > 0;) id = pool.Concat(pool.Bytes(ByteSet::Range(uint8_t(a[i]), uint8_t(b[i]))), id);
  out.push_back(id);
}

ReId CharSet::ToRegex(RegexPool& pool) const {
  const auto ranges = Sorted();
  if (ranges == std::vector<CharRange>{{0, kLastChar}}) return kAnyChar;
  std::vector<ReId> parts;
  for (CharRange r : ranges) {
    r.last = std::min(r.last, kLastChar);
    if (r.first < 0xD800 && r.last >= 0xD800) AddRange(pool, r.first, 0xD7FF, parts);
    if (r.first < 0xD800 && r.last < 0xD800) AddRange(pool, r.first, r.last, parts);
    if (r.last > 0xDFFF) AddRange(pool, std::max<uint32_t>(r.first, 0xE000), r.last, parts);
  }
  return pool.Or(std::move(parts));
}

}  // namespace hasten::grammar
