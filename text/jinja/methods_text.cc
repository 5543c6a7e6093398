// Methods of strings: Python's str.
#include <algorithm>

#include "text/jinja/format.h"
#include "text/jinja/functions.h"
#include "text/jinja/operators.h"
#include "text/jinja/text_lines.h"

namespace hasten::jinja {
namespace {

std::string_view Self(const Invocation& call) { return call.value.AsText(); }

Result<Value> MUpper(const Invocation& call) { return call.Like(Upper(Self(call))); }
Result<Value> MLower(const Invocation& call) { return call.Like(Lower(Self(call))); }
Result<Value> MCapitalize(const Invocation& call) { return call.Like(Capitalized(Self(call))); }
Result<Value> MTitle(const Invocation& call) { return call.Like(Titled(Self(call))); }
Result<Value> MSwapCase(const Invocation& call) { return call.Like(SwapCase(Self(call))); }

// A set of characters, or the blanks where there is none.
class CharSet {
 public:
  explicit CharSet(const Value* chars) : blanks_(!chars || chars->none()) {
    if (blanks_ || !chars->text()) return;
    for (size_t at = 0; at < chars->AsText().size();) chars_.push_back(NextChar(chars->AsText(), at));
  }
  bool Has(uint32_t c) const { return blanks_ ? IsSpace(c) : std::ranges::find(chars_, c) != chars_.end(); }

 private:
  bool blanks_;
  std::vector<uint32_t> chars_;
};

Result<Value> StripSides(const Invocation& call, bool left, bool right) {
  TRY(const std::string_view chars, call.Text(0, ""));
  call.in.meter().Step(Self(call).size() / 16 * (1 + chars.size() / 16));
  const CharSet set(call.args[0]);
  const std::string_view text = Self(call);
  size_t begin = 0, end = text.size();
  while (left && begin < end) {
    size_t next = begin;
    if (!set.Has(NextChar(text, next))) break;
    begin = next;
  }
  while (right && end > begin) {
    size_t last = end - 1;
    while (last > begin && (static_cast<unsigned char>(text[last]) & 0xc0) == 0x80) --last;
    size_t at = last;
    if (!set.Has(NextChar(text, at))) break;
    end = last;
  }
  return call.Like(std::string(text.substr(begin, end - begin)));
}

Result<Value> Strip(const Invocation& call) { return StripSides(call, true, true); }
Result<Value> LStrip(const Invocation& call) { return StripSides(call, true, false); }
Result<Value> RStrip(const Invocation& call) { return StripSides(call, false, true); }

Result<Value> Pieces(const Invocation& call, const std::vector<std::string_view>& parts) {
  std::vector<Value> items;
  for (const std::string_view part : parts) {
    TRY(Value piece, call.Like(std::string(part)));
    items.push_back(std::move(piece));
    if (call.in.meter().tripped()) return call.in.meter().error();
  }
  return call.in.NewList(std::move(items));
}

// At runs of blanks, at most `most` times; what is left keeps its inner blanks.
std::vector<std::string_view> SplitBlanks(std::string_view text, size_t most, bool from_right) {
  auto words = Words(text);
  if (words.size() <= most + 1) return words;
  const auto offset = [&](std::string_view word) { return size_t(word.data() - text.data()); };
  if (from_right) {
    const size_t merged = words.size() - most;  // so many become one
    const std::string_view last = words[merged - 1];
    words[merged - 1] = text.substr(0, offset(last) + last.size());
    words.erase(words.begin(), words.begin() + std::ptrdiff_t(merged - 1));
  } else {
    words[most] = text.substr(offset(words[most]));
    words.resize(most + 1);
  }
  return words;
}

std::vector<std::string_view> SplitAt(std::string_view text, std::string_view by, size_t most, bool from_right) {
  std::vector<std::string_view> parts;
  if (!from_right) {
    size_t at = 0;
    for (size_t found = Find(text, by); found != text.npos && parts.size() < most; found = Find(text, by, at)) {
      parts.push_back(text.substr(at, found - at));
      at = found + by.size();
    }
    parts.push_back(text.substr(at));
    return parts;
  }
  size_t end = text.size();
  while (parts.size() < most && end >= by.size()) {
    const size_t found = text.substr(0, end).rfind(by);
    if (found == text.npos) break;
    parts.push_back(text.substr(found + by.size(), end - found - by.size()));
    end = found;
  }
  parts.push_back(text.substr(0, end));
  std::ranges::reverse(parts);
  return parts;
}

Result<Value> SplitFrom(const Invocation& call, bool from_right) {
  TRY(const int64_t limit, call.Int(1, -1));
  const size_t most = limit < 0 ? Self(call).size() + 1 : size_t(limit);
  call.in.meter().StepBytes(Self(call).size() * 4);
  if (!call.Has(0) || call.args[0]->none()) return Pieces(call, SplitBlanks(Self(call), most, from_right));
  TRY(const std::string_view by, call.Text(0, ""));
  if (by.empty()) return Mistake("split: the separator is empty");
  return Pieces(call, SplitAt(Self(call), by, most, from_right));
}

Result<Value> Split(const Invocation& call) { return SplitFrom(call, false); }
Result<Value> RSplit(const Invocation& call) { return SplitFrom(call, true); }
Result<Value> SplitLines(const Invocation& call) { return Pieces(call, Lines(Self(call), call.Flag(0))); }

Result<Value> PartitionFrom(const Invocation& call, bool from_right) {
  TRY(const std::string_view by, call.Text(0, ""));
  if (by.empty()) return Mistake("partition: the separator is empty");
  const std::string_view text = Self(call);
  const size_t found = from_right ? text.rfind(by) : Find(text, by);
  std::vector<std::string_view> parts = {text, "", ""};
  if (found != text.npos) parts = {text.substr(0, found), by, text.substr(found + by.size())};
  if (found == text.npos && from_right) parts = {"", "", text};
  TRY(const Value list, Pieces(call, parts));
  list.list()->type = List::kTuple;
  return list;
}

Result<Value> Partition(const Invocation& call) { return PartitionFrom(call, false); }
Result<Value> RPartition(const Invocation& call) { return PartitionFrom(call, true); }

// The part of the text between the arguments `first` (start) and `first` + 1 (end), as slices count.
Result<std::string_view> Window(const Invocation& call, size_t first, size_t* offset = nullptr) {
  const std::string_view text = Self(call);
  const auto place = [&](size_t i, size_t otherwise) -> Result<size_t> {
    if (!call.Has(i) || call.args[i]->none()) return otherwise;
    TRY(int64_t at, call.Int(i, 0));
    if (at < 0) at = std::max<int64_t>(at + int64_t(CountChars(text)), 0);
    return ByteOfChar(text, size_t(at));
  };
  TRY(const size_t begin, place(first, 0));
  TRY(const size_t end, place(first + 1, text.size()));
  if (offset) *offset = begin;
  return text.substr(begin, end > begin ? end - begin : 0);
}

Result<Value> EdgeIs(const Invocation& call, bool front) {
  TRY(const std::string_view text, Window(call, 1));
  const auto fits = [&](std::string_view edge) { return front ? text.starts_with(edge) : text.ends_with(edge); };
  const List* several = call.args[0]->list();
  if (!several || !several->tuple()) {
    TRY(const std::string_view edge, call.Text(0, ""));
    return Value(fits(edge) && !call.args[0]->none());
  }
  for (const Value& edge : several->items) {
    if (!edge.text()) return Mistake("startswith and endswith want strings, not '" + TypeName(edge) + "'");
    if (fits(edge.AsText())) return Value(true);
  }
  return Value(false);
}

Result<Value> StartsWith(const Invocation& call) { return EdgeIs(call, true); }
Result<Value> EndsWith(const Invocation& call) { return EdgeIs(call, false); }

Result<int64_t> PlaceOf(const Invocation& call, bool from_right) {
  TRY(const std::string_view what, call.Text(0, ""));
  size_t offset = 0;
  TRY(const std::string_view text, Window(call, 1, &offset));
  call.in.meter().StepBytes(Self(call).size());
  const size_t found = from_right ? text.rfind(what) : Find(text, what);
  if (found == text.npos) return int64_t{-1};
  return int64_t(CountChars(Self(call).substr(0, offset + found)));
}

Result<Value> FindMethod(const Invocation& call) {
  TRY(const int64_t at, PlaceOf(call, false));
  return Value(at);
}
Result<Value> RFind(const Invocation& call) {
  TRY(const int64_t at, PlaceOf(call, true));
  return Value(at);
}
Result<Value> IndexFrom(const Invocation& call, bool from_right) {
  TRY(const int64_t at, PlaceOf(call, from_right));
  if (at < 0) return Mistake("substring not found");
  return Value(at);
}
Result<Value> Index(const Invocation& call) { return IndexFrom(call, false); }
Result<Value> RIndex(const Invocation& call) { return IndexFrom(call, true); }

Result<Value> Count(const Invocation& call) {
  TRY(const std::string_view what, call.Text(0, ""));
  TRY(const std::string_view text, Window(call, 1));
  call.in.meter().StepBytes(text.size());
  if (what.empty()) return Value(int64_t(CountChars(text)) + 1);
  int64_t count = 0;
  for (size_t at = Find(text, what); at != text.npos; at = Find(text, what, at + what.size())) ++count;
  return Value(count);
}

Result<Value> Replace(const Invocation& call) {
  TRY(const std::string_view old, call.Text(0, ""));
  if (!call.args[1]->text()) return Mistake("replace wants strings, not '" + TypeName(*call.args[1]) + "'");
  TRY(const int64_t limit, call.Int(2, -1));
  const Value by = call.value.safe() ? Escaped(call.in, *call.args[1]) : *call.args[1];
  const std::string_view text = Self(call), fresh = by.AsText();
  size_t left = limit < 0 ? text.size() + 2 : size_t(limit);
  if (!call.in.meter().Affords(std::min(left, old.empty() ? text.size() + 1 : text.size() / old.size() + 1), 1))
    return call.in.meter().error();
  call.in.meter().StepBytes(text.size());
  std::string out;
  size_t at = 0;
  while (left > 0) {
    const size_t found = old.empty() ? at : Find(text, old, at);
    if (found == text.npos) break;
    out.append(text.substr(at, found - at)).append(fresh);
    --left;
    at = found + old.size();
    if (!call.in.meter().Affords(out.size())) return call.in.meter().error();
    if (!old.empty()) continue;
    if (at >= text.size()) break;
    const size_t begin = at;  // an empty text stands between all characters
    NextChar(text, at);
    out.append(text.substr(begin, at - begin));
  }
  if (at < text.size()) out.append(text.substr(at));
  return call.Like(std::move(out));
}

Result<Value> JoinMethod(const Invocation& call) {
  TRY(const List* items, call.in.Iterate(*call.args[0]));
  std::string out;
  for (size_t i = 0; i < items->items.size(); ++i) {
    const Value& item = items->items[i];
    if (!item.text()) return Mistake(Fmt("sequence item %zu: expected str instance, ", i) + TypeName(item) + " found");
    if (i > 0) out += Self(call);
    out += call.value.safe() ? Escaped(call.in, item).AsText() : item.AsText();
    if (!call.in.meter().Affords(out.size())) return call.in.meter().error();
  }
  return call.Like(std::move(out));
}

enum class Side { kLeft, kRight, kCenter };

// Padded to a width: Python centres with the odd blank on the left where both lengths are odd.
Result<Value> Pad(const Invocation& call, Side side) {
  TRY(const int64_t width, call.Int(0, 0));
  TRY(const std::string_view fill, call.Text(1, " "));
  if (CountChars(fill) != 1) return Mistake("the fill character must be exactly one character long");
  const int64_t missing = width - int64_t(CountChars(Self(call)));
  if (missing <= 0) return call.value;
  if (!call.in.meter().Affords(size_t(missing), fill.size())) return call.in.meter().error();
  const int64_t left = side == Side::kLeft ? 0 : side == Side::kRight ? missing : missing / 2 + (missing & width & 1);
  std::string out;
  for (int64_t i = 0; i < left; ++i) out += fill;
  out += Self(call);
  for (int64_t i = left; i < missing; ++i) out += fill;
  return call.Like(std::move(out));
}

Result<Value> LJust(const Invocation& call) { return Pad(call, Side::kLeft); }
Result<Value> RJust(const Invocation& call) { return Pad(call, Side::kRight); }
Result<Value> Center(const Invocation& call) { return Pad(call, Side::kCenter); }

Result<Value> ZFill(const Invocation& call) {
  TRY(const int64_t width, call.Int(0, 0));
  const std::string_view text = Self(call);
  const int64_t missing = width - int64_t(CountChars(text));
  if (missing <= 0) return call.value;
  if (!call.in.meter().Affords(size_t(missing))) return call.in.meter().error();
  const size_t sign = text.starts_with('-') || text.starts_with('+');
  return call.Like(std::string(text.substr(0, sign)) + std::string(size_t(missing), '0') + std::string(text.substr(sign)));
}

Result<Value> ExpandTabs(const Invocation& call) {
  TRY(const int64_t size, call.Int(0, 8));
  const size_t stop = size > 0 ? size_t(size) : 0;
  if (!call.in.meter().Affords(size_t(std::ranges::count(Self(call), '\t')), stop)) return call.in.meter().error();
  std::string out;
  size_t column = 0;
  for (const char c : Self(call)) {
    if (c == '\t') {
      const size_t blanks = stop > 0 ? stop - column % stop : 0;
      out.append(blanks, ' ');
      column += blanks;
      continue;
    }
    out += c;
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++column;
    if (c == '\n' || c == '\r') column = 0;
  }
  return call.Like(std::move(out));
}

Result<Value> RemovePrefix(const Invocation& call) {
  TRY(const std::string_view prefix, call.Text(0, ""));
  return call.Like(std::string(Self(call).substr(Self(call).starts_with(prefix) ? prefix.size() : 0)));
}

Result<Value> RemoveSuffix(const Invocation& call) {
  TRY(const std::string_view suffix, call.Text(0, ""));
  const size_t cut = Self(call).ends_with(suffix) ? suffix.size() : 0;
  return call.Like(std::string(Self(call).substr(0, Self(call).size() - cut)));
}

Result<Value> Format(const Invocation& call) { return BraceFormat(call.in, call.value, call.raw); }

Result<Value> FormatMap(const Invocation& call) {
  if (!call.args[0]->dict()) return Mistake("format_map wants a mapping");
  Args args;
  for (const auto& [key, value] : call.args[0]->dict()->items)
    if (key.text()) args.named.emplace_back(key.text_value().str, value);
  return BraceFormat(call.in, call.value, args);
}

// Whether there are characters, and all are of a class.
template <class Class>
Result<Value> All(const Invocation& call, Class in_class) {
  const std::string_view text = Self(call);
  for (size_t at = 0; at < text.size();)
    if (!in_class(NextChar(text, at))) return Value(false);
  return Value(!text.empty());
}

Result<Value> IsAlphaMethod(const Invocation& call) { return All(call, IsAlpha); }
Result<Value> IsDigitMethod(const Invocation& call) { return All(call, IsDigit); }
Result<Value> IsSpaceMethod(const Invocation& call) { return All(call, IsSpace); }
Result<Value> IsAlnumMethod(const Invocation& call) {
  return All(call, [](uint32_t c) { return c != '_' && IsWord(c); });
}
Result<Value> IsAsciiMethod(const Invocation& call) { return Value(IsAscii(Self(call))); }
Result<Value> IsPrintableMethod(const Invocation& call) { return Value(Self(call).empty() || Truth(*All(call, IsPrintable))); }
Result<Value> IsIdentifier(const Invocation& call) {
  size_t at = 0;
  if (Self(call).empty() || IsDigit(NextChar(Self(call), at))) return Value(false);
  return All(call, IsWord);
}
Result<Value> IsLowerMethod(const Invocation& call) {
  TRY(const bool yes, call.in.Test("lower", call.value, {}));
  return Value(yes);
}
Result<Value> IsUpperMethod(const Invocation& call) {
  TRY(const bool yes, call.in.Test("upper", call.value, {}));
  return Value(yes);
}
Result<Value> IsTitle(const Invocation& call) {
  const std::string_view text = Self(call);
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const uint32_t c = NextChar(text, at);
    any |= IsUpper(c) || IsLower(c);
  }
  return Value(any && Titled(text) == text);
}

constexpr Entry kMethods[] = {
    {"strip", "chars", Strip},
    {"lstrip", "chars", LStrip},
    {"rstrip", "chars", RStrip},
    {"split", "sep maxsplit", Split},
    {"rsplit", "sep maxsplit", RSplit},
    {"splitlines", "keepends", SplitLines},
    {"partition", "sep!", Partition},
    {"rpartition", "sep!", RPartition},
    {"startswith", "prefix! start end", StartsWith},
    {"endswith", "suffix! start end", EndsWith},
    {"replace", "old! new! count", Replace},
    {"join", "iterable!", JoinMethod},
    {"upper", "", MUpper},
    {"lower", "", MLower},
    {"casefold", "", MLower},
    {"capitalize", "", MCapitalize},
    {"title", "", MTitle},
    {"swapcase", "", MSwapCase},
    {"find", "sub! start end", FindMethod},
    {"rfind", "sub! start end", RFind},
    {"index", "sub! start end", Index},
    {"rindex", "sub! start end", RIndex},
    {"count", "sub! start end", Count},
    {"ljust", "width! fillchar", LJust},
    {"rjust", "width! fillchar", RJust},
    {"center", "width! fillchar", Center},
    {"zfill", "width!", ZFill},
    {"expandtabs", "tabsize", ExpandTabs},
    {"removeprefix", "prefix!", RemovePrefix},
    {"removesuffix", "suffix!", RemoveSuffix},
    {"format", "*", Format},
    {"format_map", "mapping!", FormatMap},
    {"isalpha", "", IsAlphaMethod},
    {"isdigit", "", IsDigitMethod},
    {"isdecimal", "", IsDigitMethod},
    {"isnumeric", "", IsDigitMethod},
    {"isspace", "", IsSpaceMethod},
    {"isalnum", "", IsAlnumMethod},
    {"isascii", "", IsAsciiMethod},
    {"isprintable", "", IsPrintableMethod},
    {"isidentifier", "", IsIdentifier},
    {"islower", "", IsLowerMethod},
    {"isupper", "", IsUpperMethod},
    {"istitle", "", IsTitle},
};

}  // namespace

std::span<const Entry> TextMethods() { return kMethods; }

}  // namespace hasten::jinja
