#include "solve/lang/ops.h"

#include <algorithm>

#include "base/quote.h"
#include "solve/lang/facts.h"
#include "solve/lang/runs.h"
#include "solve/lang/tokens.h"

namespace hasten::solve {

namespace {

Value Of(std::optional<size_t> n) { return n ? Value::Number(Decimal::Of(int64_t(*n))) : Value::None(); }

char Lowered(char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }
char Uppered(char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; }
bool IsLetter(char c) { return (Lowered(c) >= 'a' && Lowered(c) <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// Case of Latin letters beyond ASCII that take two bytes: U+00E0…U+00FE and
// U+0100…U+017F where cases alternate.
std::string Recased(std::string text, bool upper) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead == 0xc3 && i + 1 < text.size()) {
      const auto low = static_cast<unsigned char>(text[++i]);
      if (low != 0x97 && low != 0xb7 && low != 0x9f && low != 0xbf)
        text[i] = char(upper && low >= 0xa0 ? low - 0x20 : !upper && low < 0xa0 ? low + 0x20 : low);
    } else {
      text[i] = upper ? Uppered(text[i]) : Lowered(text[i]);
    }
  }
  return text;
}

Value RunConcat(Args a) {
  std::string out;
  for (const Value& v : a) out += v.text;
  return out.size() > kLongest ? Value::None() : Value::Text(std::move(out));
}

Value RunSlice(Args a) {
  const auto from = Whole(a[1]), to = Whole(a[2]);
  if (!from || !to || *from < 0 || *to < *from || size_t(*to) > a[0].text.size()) return Value::None();
  return Value::Text(a[0].text.substr(size_t(*from), size_t(*to - *from)));
}

// A position counted in characters from the left (0…), or from the right (-1 is
// the end).
Value RunAt(Args a) {
  const auto k = Whole(a[1]);
  if (!k) return Value::None();
  std::vector<size_t> starts;
  const std::string_view text = a[0].text;
  for (size_t at = 0; at < text.size(); at += std::max<size_t>(1, Utf8Length(text.substr(at)))) starts.push_back(at);
  starts.push_back(text.size());
  const auto i = KthOf(starts.size(), *k >= 0 ? *k + 1 : *k);
  return i ? Of(starts[*i]) : Value::None();
}

// A position moved by some characters, to the left where negative.
Value RunSkip(Args a) {
  const auto from = Whole(a[1]), by = Whole(a[2]);
  const std::string_view text = a[0].text;
  if (!from || !by || *from < 0 || size_t(*from) > text.size()) return Value::None();
  size_t at = size_t(*from);
  for (long n = 0; n < *by; ++n) {
    if (at >= text.size()) return Value::None();
    at += std::max<size_t>(1, Utf8Length(text.substr(at)));
  }
  for (long n = 0; n > *by; --n) {
    if (at == 0) return Value::None();
    do {
      --at;
    } while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  }
  return Of(std::min(at, text.size()));
}

Value Boundary(const std::vector<TokenSpan>& spans, const Value& k, const Value& side) {
  const auto nth = Whole(k), after = Whole(side);
  if (!nth || !after) return Value::None();
  const auto i = KthOf(spans.size(), *nth);
  if (!i) return Value::None();
  return Of(*after ? spans[*i].end : spans[*i].begin);
}

// Where the k-th occurrence of a text begins (side 0) or ends (1).
Value RunFind(Args a) { return Boundary(FindAll(a[0].text, a[1].text), a[2], a[3]); }

// Where the k-th token of a kind begins or ends.
Value RunToken(Args a) {
  const TokenKind* const kind = FindTokenKind(a[1].text);
  return kind ? Boundary(FindTokens(a[0].text, *kind), a[2], a[3]) : Value::None();
}

// The k-th position where a token of one kind ends and one of another begins.
Value RunBetween(Args a) {
  const TokenKind *const left = FindTokenKind(a[1].text), *const right = FindTokenKind(a[2].text);
  const auto k = Whole(a[3]);
  if (!left || !right || !k) return Value::None();
  std::vector<size_t> at;
  const std::vector<TokenSpan> begins = FindTokens(a[0].text, *right);
  size_t i = 0;
  for (const TokenSpan& span : FindTokens(a[0].text, *left)) {
    while (i < begins.size() && begins[i].begin < span.end) ++i;
    if (i < begins.size() && begins[i].begin == span.end) at.push_back(span.end);
  }
  const auto nth = KthOf(at.size(), *k);
  return nth ? Of(at[*nth]) : Value::None();
}

Value RunMatch(Args a) {
  const TokenKind* const kind = FindTokenKind(a[1].text);
  const auto k = Whole(a[2]);
  if (!kind || !k) return Value::None();
  const auto spans = FindTokens(a[0].text, *kind);
  const auto i = KthOf(spans.size(), *k);
  if (!i) return Value::None();
  return Value::Text(a[0].text.substr(spans[*i].begin, spans[*i].end - spans[*i].begin));
}

// The k-th part of a text that a separator divides.
Value RunField(Args a) {
  const auto k = Whole(a[2]);
  if (!k || a[1].text.empty()) return Value::None();
  std::vector<TokenSpan> parts = FindAll(a[0].text, a[1].text);
  parts.push_back({a[0].text.size(), 0});
  size_t begin = 0;
  for (TokenSpan& part : parts) {
    const size_t end = part.begin, next = part.end;
    part = {begin, end};
    begin = next;
  }
  const auto i = KthOf(parts.size(), *k);
  if (!i) return Value::None();
  return Value::Text(a[0].text.substr(parts[*i].begin, parts[*i].end - parts[*i].begin));
}

Value RunLower(Args a) { return Value::Text(Recased(a[0].text, false)); }
Value RunUpper(Args a) { return Value::Text(Recased(a[0].text, true)); }

// Each word with a first capital and the rest small.
Value RunTitle(Args a) {
  std::string out = Recased(a[0].text, false);
  bool inside = false;
  for (size_t i = 0; i < out.size(); ++i) {
    if (!inside && static_cast<unsigned char>(out[i]) == 0xc3 && i + 1 < out.size()) {
      const std::string capital = Recased(out.substr(i, 2), true);
      out[i + 1] = capital[1];
    }
    if (!inside) out[i] = Uppered(out[i]);
    inside = IsLetter(out[i]) || (inside && out[i] == '\'') || (out[i] >= '0' && out[i] <= '9');
  }
  return Value::Text(std::move(out));
}

// The first letter capital, the rest small.
Value RunCapital(Args a) {
  std::string out = Recased(a[0].text, false);
  const size_t first = out.size() > 1 && static_cast<unsigned char>(out[0]) == 0xc3 ? 2 : std::min<size_t>(1, out.size());
  return Value::Text(Recased(out.substr(0, first), true) + out.substr(first));
}

Value RunTrim(Args a) { return Value::Text(std::string(TrimSpace(a[0].text))); }

// Trimmed, and runs of blanks inside made one.
Value RunSqueeze(Args a) {
  std::string out;
  for (const TokenSpan& word : FindTokens(a[0].text, *FindTokenKind("nonspace"))) {
    if (!out.empty()) out += ' ';
    out.append(a[0].text, word.begin, word.end - word.begin);
  }
  return Value::Text(std::move(out));
}

// Only what is of a kind, run together.
Value RunKeep(Args a) {
  const TokenKind* const kind = FindTokenKind(a[1].text);
  if (!kind) return Value::None();
  std::string out;
  for (const TokenSpan& t : FindTokens(a[0].text, *kind)) out.append(a[0].text, t.begin, t.end - t.begin);
  return Value::Text(std::move(out));
}

// Every occurrence replaced.
Value RunReplace(Args a) {
  std::string out;
  size_t at = 0;
  for (const TokenSpan& hit : FindAll(a[0].text, a[1].text)) {
    out.append(a[0].text, at, hit.begin - at).append(a[2].text);
    if (out.size() > kLongest) return Value::None();
    at = hit.end;
  }
  return Value::Text(out.append(a[0].text, at));
}

// The first character of each token of a kind, with a text after each but the
// last.
Value RunInitials(Args a) {
  const TokenKind* const kind = FindTokenKind(a[1].text);
  if (!kind) return Value::None();
  std::string out;
  for (const TokenSpan& t : FindTokens(a[0].text, *kind)) {
    if (!out.empty()) out += a[2].text;
    out.append(a[0].text, t.begin, std::max<size_t>(1, Utf8Length(std::string_view(a[0].text).substr(t.begin))));
  }
  return out.empty() ? Value::None() : Value::Text(std::move(out));
}

Value RunReverse(Args a) {
  std::string out;
  const std::string_view text = a[0].text;
  for (size_t at = 0; at < text.size();) {
    const size_t size = std::max<size_t>(1, Utf8Length(text.substr(at)));
    out.insert(0, text.substr(at, size));
    at += size;
  }
  return Value::Text(std::move(out));
}

// Groups of so many characters from the left, with a text between: DE89 3704 0044.
Value RunGroups(Args a) {
  const auto size = Whole(a[1]);
  if (!size || *size <= 0) return Value::None();
  std::string out;
  long count = 0;
  const std::string_view text = a[0].text;
  for (size_t at = 0; at < text.size() && out.size() <= kLongest; ++count) {
    const size_t bytes = std::max<size_t>(1, Utf8Length(text.substr(at)));
    if (count > 0 && count % *size == 0) out += a[2].text;
    out += text.substr(at, bytes);
    at += bytes;
  }
  return out.size() > kLongest ? Value::None() : Value::Text(std::move(out));
}

size_t Characters(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at += std::max<size_t>(1, Utf8Length(text.substr(at)))) ++count;
  return count;
}

Value Padded(Args a, bool left) {
  const auto width = Whole(a[1]);
  if (!width || a[2].text.size() != 1) return Value::None();
  const size_t have = Characters(a[0].text);
  if (*width <= long(have)) return a[0];
  const std::string fill(size_t(*width) - have, a[2].text[0]);
  return Value::Text(left ? fill + a[0].text : a[0].text + fill);
}
Value RunPadLeft(Args a) { return Padded(a, true); }
Value RunPadRight(Args a) { return Padded(a, false); }

// The k-th number in a text, with its sign where one stands before it; the
// whole text where that is a number.
Value RunNumber(Args a) {
  const auto k = Whole(a[1]);
  if (!k) return Value::None();
  if (*k == 1 || *k == -1) {
    if (const auto whole = Decimal::Parse(TrimSpace(a[0].text))) return Value::Number(*whole);
  }
  const auto spans = FindTokens(a[0].text, *FindTokenKind("number"));
  const auto i = KthOf(spans.size(), *k);
  if (!i) return Value::None();
  return Maybe(SignedNumberAt(a[0].text, spans[*i]));
}

Value RunTimesTen(Args a) {
  const auto k = Whole(a[1]);
  return k && *k > -40 && *k < 40 ? Maybe(a[0].number.TimesPowerOfTen(int(*k))) : Value::None();
}

// unit and offset are counted in 10^-places: round(x, 5, 0, 2, "down") rounds
// down to a multiple of 0.05.
Value RunRound(Args a) {
  const auto places = Whole(a[3]);
  if (!places || *places < 0 || *places > 20) return Value::None();
  const Rounding mode = a[4].text == "down" ? Rounding::kDown : a[4].text == "up" ? Rounding::kUp : Rounding::kNearest;
  Decimal unit = a[1].number, offset = a[2].number;
  unit.scale += int(*places);
  offset.scale += int(*places);
  return Maybe(RoundTo(a[0].number, unit, offset, mode));
}

Value RunPlus(Args a) { return Maybe(a[0].number.Plus(a[1].number)); }

Value RunFormat(Args a) {
  const auto least = Whole(a[1]), most = Whole(a[2]), digits = Whole(a[3]);
  if (!least || !most || !digits || *least < -1 || *least > 30 || *most < 0 || *digits < 0 || *digits > 1000)
    return Value::None();
  NumberFormat format{int(*least), int(std::min(*most, 30L)), int(*digits)};
  SetGrouping(a[4].text, format);
  return Value::Text(FormatNumber(a[0].number, format));
}

Value RunMoment(Args a) {
  const auto k = Whole(a[1]);
  const auto order = DateOrderNamed(a[2].text);
  if (!k || !order) return Value::None();
  const auto m = FindMoment(a[0].text, int(*k), *order);
  return m ? Value::Of(*m) : Value::None();
}

// (moment, bucket minutes, offset of the buckets, minutes added to the bucket's
// start)
Value RunBucket(Args a) {
  const auto minutes = Whole(a[1]), offset = Whole(a[2]), shift = Whole(a[3]);
  if (!minutes || !offset || !shift || *minutes <= 0) return Value::None();
  const auto m = BucketTime(a[0].moment, int(*minutes), int(*offset), int(*shift));
  return m ? Value::Of(*m) : Value::None();
}

Value RunPart(Args a) {
  const MomentPart* const part = FindMomentPart(a[1].text);
  const auto text = part ? part->format(a[0].moment) : std::nullopt;
  return text ? Value::Text(*text) : Value::None();
}

// Whole days from the first to the second.
Value RunDays(Args a) {
  const Moment &from = a[0].moment, &to = a[1].moment;
  if (!from.HasDate() || !to.HasDate()) return Value::None();
  return Value::Number(Decimal::Of(DayNumber(to.year, to.month, to.day) - DayNumber(from.year, from.month, from.day)));
}

Value RunLookUp(Args a) {
  const FactTable* const table = FindFactTable(a[1].text);
  if (!table) return Value::None();
  const auto column = [&](const Value& v) {
    return size_t(std::find(table->columns.begin(), table->columns.end(), v.text) - table->columns.begin());
  };
  const size_t from = column(a[2]), to = column(a[3]);
  if (from >= table->columns.size() || to >= table->columns.size()) return Value::None();
  const auto found = LookUp(*table, from, to, a[0].text);
  return found ? Value::Text(std::string(*found)) : Value::None();
}

Value RunIf(Args a) { return a[0].kind == Value::Kind::kBool && a[0].truth ? a[1] : a[2]; }
Value RunFirst(Args a) { return a[0].IsNone() ? a[1] : a[0]; }
Value RunNothing(Args) { return Value::None(); }
Value RunIsNothing(Args a) { return Value::Bool(a[0].IsNone()); }
Value RunNot(Args a) { return Value::Bool(!(a[0].kind == Value::Kind::kBool && a[0].truth)); }
Value RunContains(Args a) { return Value::Bool(a[0].text.find(a[1].text) != std::string::npos); }
Value RunStarts(Args a) { return Value::Bool(a[0].text.starts_with(a[1].text)); }
Value RunEnds(Args a) { return Value::Bool(a[0].text.ends_with(a[1].text)); }
Value RunEquals(Args a) { return Value::Bool(a[0].text == a[1].text); }
Value RunEmpty(Args a) {
  return Value::Bool(a[0].IsNone() || (a[0].kind == Value::Kind::kText && TrimSpace(a[0].text).empty()));
}
Value RunShape(Args a) { return Value::Bool(ShapeOf(a[0].text) == a[1].text); }
Value RunLess(Args a) { return Value::Bool(a[0].number < a[1].number); }
Value RunLength(Args a) { return Value::Number(Decimal::Of(int64_t(Characters(a[0].text)))); }
Value RunCount(Args a) {
  const TokenKind* const kind = FindTokenKind(a[1].text);
  return kind ? Value::Number(Decimal::Of(int64_t(FindTokens(a[0].text, *kind).size()))) : Value::None();
}

}  // namespace

std::span<const Op> Ops() {
  static constexpr Op kOps[] = {
      {"concat", "t*:t", RunConcat, false},
      {"slice", "tnn:t", RunSlice, false},
      {"at", "tn:n", RunAt, false},
      {"skip", "tnn:n", RunSkip, false},
      {"find", "ttnn:n", RunFind, false},
      {"token", "ttnn:n", RunToken, false},
      {"between", "tttn:n", RunBetween, false},
      {"match", "ttn:t", RunMatch, false},
      {"field", "ttn:t", RunField, false},
      {"lower", "t:t", RunLower, false},
      {"upper", "t:t", RunUpper, false},
      {"title", "t:t", RunTitle, false},
      {"capital", "t:t", RunCapital, false},
      {"trim", "t:t", RunTrim, false},
      {"squeeze", "t:t", RunSqueeze, false},
      {"keep", "tt:t", RunKeep, false},
      {"replace", "ttt:t", RunReplace, false},
      {"initials", "ttt:t", RunInitials, false},
      {"reverse", "t:t", RunReverse, false},
      {"join", "ttt:t", RunJoin, false},
      {"drop", "tt:t", RunDrop, false},
      {"without", "tt:t", RunWithout, false},
      {"plain", "t:t", RunPlain, false},
      {"items", "ttt:t", RunItems, false},
      {"items_with", "ttt:t", RunItemsWith, false},
      {"groups", "tnt:t", RunGroups, false},
      {"pad_left", "tnt:t", RunPadLeft, false},
      {"pad_right", "tnt:t", RunPadRight, false},
      {"number", "tn:n", RunNumber, false},
      {"times_ten", "nn:n", RunTimesTen, false},
      {"round", "nnnnt:n", RunRound, false},
      {"plus", "nn:n", RunPlus, false},
      {"minus", "nn:n", RunMinus, false},
      {"times", "nn:n", RunTimes, false},
      {"over", "nn:n", RunOver, false},
      {"remainder", "nn:n", RunRemainder, false},
      {"larger", "nn:n", RunLarger, false},
      {"smaller", "nn:n", RunSmaller, false},
      {"numbers", "tt:n", RunNumbers, false},
      {"ordinal", "n:t", RunOrdinal, false},
      {"roman", "n:t", RunRoman, false},
      {"signed", "t:t", RunSigned, false},
      {"format", "nnnnt:t", RunFormat, false},
      {"moment", "tnt:m", RunMoment, false},
      {"bucket", "mnnn:m", RunBucket, false},
      {"part", "mt:t", RunPart, false},
      {"days", "mm:n", RunDays, false},
      {"months", "mm:n", RunMonths, false},
      {"years", "mm:n", RunYears, false},
      {"seconds", "mm:n", RunSeconds, false},
      {"second_of_day", "m:n", RunSecondOfDay, false},
      {"weekday", "m:n", RunWeekday, false},
      {"clock", "nn:m", RunClock, false},
      {"add_days", "mn:m", RunAddDays, false},
      {"add_months", "mn:m", RunAddMonths, false},
      {"add_seconds", "mn:m", RunAddSeconds, false},
      {"month_end", "m:m", RunMonthEnd, false},
      {"look_up", "tttt:t", RunLookUp, false},
      {"if", "bxx:x", RunIf, true},
      {"first", "xx:x", RunFirst, true},
      {"nothing", ":x", RunNothing, true},
      {"is_nothing", "x:b", RunIsNothing, true},
      {"not", "b:b", RunNot, true},
      {"contains", "tt:b", RunContains, false},
      {"starts", "tt:b", RunStarts, false},
      {"ends", "tt:b", RunEnds, false},
      {"equals", "tt:b", RunEquals, false},
      {"empty", "t:b", RunEmpty, true},
      {"shape", "tt:b", RunShape, false},
      {"less", "nn:b", RunLess, false},
      {"length", "t:n", RunLength, false},
      {"count", "tt:n", RunCount, false},
      {"count_of", "tt:n", RunCountOf, false},
  };
  return kOps;
}

const Op* FindOp(std::string_view name) {
  for (const Op& op : Ops()) {
    if (op.name == name) return &op;
  }
  return nullptr;
}

}  // namespace hasten::solve
