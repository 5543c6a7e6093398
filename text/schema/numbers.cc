#include "text/schema/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "text/grammar/regex_parser.h"

namespace hasten::schema {

using grammar::ByteSet;
using grammar::kEmptyText;
using grammar::kNoLimit;
using grammar::kNothing;
using grammar::RegexPool;
using grammar::ReId;

std::optional<Decimal> Decimal::From(const nlohmann::ordered_json& number) {
  std::string text;
  if (number.is_number_float()) {
    const double x = number.get<double>();
    char buffer[512];
    if (!std::isfinite(x)) return std::nullopt;
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    text.assign(buffer, end);
  } else {
    text = number.dump();
  }
  Decimal d;
  d.negative = text[0] == '-';
  if (d.negative) text.erase(0, 1);
  const size_t dot = text.find('.');
  d.whole = text.substr(0, dot);
  if (dot != text.npos) d.fraction = text.substr(dot + 1);
  while (!d.fraction.empty() && d.fraction.back() == '0') d.fraction.pop_back();
  if (d.zero()) d.negative = false;
  return d;
}

static int CompareSizes(const Decimal& a, const Decimal& b) {
  if (a.whole.size() != b.whole.size()) return a.whole.size() < b.whole.size() ? -1 : 1;
  if (const int c = a.whole.compare(b.whole); c != 0) return c < 0 ? -1 : 1;
  const int c = a.fraction.compare(b.fraction);  // no zeros at the end: a prefix is smaller
  return c < 0 ? -1 : c > 0;
}

int Compare(const Decimal& a, const Decimal& b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  return a.negative ? CompareSizes(b, a) : CompareSizes(a, b);
}

namespace {

class Digits {
 public:
  Digits(RegexPool& pool, SchemaStyle style) : p(pool), strict_(style == SchemaStyle::kStrict) {}

  ReId Range(char a, char b) { return a > b ? kNothing : p.Bytes(ByteSet::Range(uint8_t(a), uint8_t(b))); }
  ReId Any(uint32_t lo, uint32_t hi) { return p.Repeat(Range('0', '9'), lo, hi); }
  // Any fraction; strict: at most 16 digits.
  ReId Fraction() { return p.Optional(p.Concat(p.Literal("."), Any(1, strict_ ? 16 : kNoLimit))); }
  ReId Whole() { return p.Or(p.Literal("0"), p.Concat(Range('1', '9'), Any(0, strict_ ? 15 : kNoLimit))); }
  ReId Zeros() { return p.Optional(p.Concat(p.Literal("."), p.Repeat(p.Literal("0"), 1, kNoLimit))); }

  // Sizes (without sign) above or below `d`. Digit by digit: equal so far, then larger or smaller, then anything.
  ReId Above(const Decimal& d, bool exclusive) {
    return p.Or({Longer(d), Differs(d, true), p.Concat(p.Literal(d.whole), FractionAbove(d.fraction, exclusive))});
  }
  ReId Below(const Decimal& d, bool exclusive) {
    return p.Or({Shorter(d), Differs(d, false), p.Concat(p.Literal(d.whole), FractionBelow(d.fraction, exclusive))});
  }

 private:
  ReId Longer(const Decimal& d) {
    return p.Concat(p.Concat(Range('1', '9'), Any(uint32_t(d.whole.size()), kNoLimit)), Fraction());
  }
  ReId Shorter(const Decimal& d) {
    if (d.whole.size() == 1) return kNothing;
    return p.Concat(p.Or(p.Literal("0"), p.Concat(Range('1', '9'), Any(0, uint32_t(d.whole.size() - 2)))), Fraction());
  }
  ReId Differs(const Decimal& d, bool larger) {
    ReId out = kNothing;
    for (size_t i = 0; i < d.whole.size(); ++i) {
      const char least = i == 0 && d.whole.size() > 1 ? '1' : '0';
      const ReId digit = larger ? Range(char(d.whole[i] + 1), '9') : Range(least, char(d.whole[i] - 1));
      const auto rest = uint32_t(d.whole.size() - i - 1);
      out = p.Or(out, p.Concat(p.Literal(d.whole.substr(0, i)), p.Concat(digit, p.Concat(Any(rest, rest), Fraction()))));
    }
    return out;
  }
  ReId SomethingBehind() { return p.Concat(Any(0, kNoLimit), p.Concat(Range('1', '9'), Any(0, kNoLimit))); }
  ReId FractionAbove(const std::string& f, bool exclusive) {
    const ReId dot = p.Literal(".");
    if (f.empty()) return exclusive ? p.Concat(dot, SomethingBehind()) : Fraction();
    ReId out = p.Concat(p.Literal(f), exclusive ? SomethingBehind() : Any(0, kNoLimit));
    for (size_t i = 0; i < f.size(); ++i) {
      out = p.Or(out, p.Concat(p.Literal(f.substr(0, i)), p.Concat(Range(char(f[i] + 1), '9'), Any(0, kNoLimit))));
    }
    return p.Concat(dot, out);
  }
  ReId FractionBelow(const std::string& f, bool exclusive) {
    if (f.empty()) return exclusive ? kNothing : Zeros();
    ReId out = exclusive ? kNothing : p.Concat(p.Literal(f), p.Star(p.Literal("0")));
    for (size_t i = 0; i < f.size(); ++i) {
      out = p.Or(out, p.Concat(p.Literal(f.substr(0, i)), p.Concat(Range('0', char(f[i] - 1)), Any(0, kNoLimit))));
      if (i > 0) out = p.Or(out, p.Literal(f.substr(0, i)));
    }
    return p.Optional(p.Concat(p.Literal("."), out));
  }
  RegexPool& p;
  const bool strict_;
};

// Decimal numbers without exponent that are multiples of `m`: the remainder after each digit is a state.
std::optional<ReId> MultipleOf(RegexPool& pool, const Decimal& m) {
  constexpr size_t kMostStates = 60'000;
  const size_t places = m.fraction.size();
  const std::string digits = m.whole + m.fraction;
  if (digits.size() > 12) return std::nullopt;
  const auto modulus = uint64_t(std::stoull(digits));
  if (modulus == 0 || modulus * (places + 3) > kMostStates) return std::nullopt;
  uint64_t scale = 1;
  for (size_t i = 0; i < places; ++i) scale = scale * 10 % modulus;
  grammar::Table t;
  t.classes.assign(256, 13);  // 0 to 9, '-', '.', all others
  for (unsigned d = 0; d < 10; ++d) t.classes['0' + d] = uint8_t(d);
  t.classes['-'] = 10;
  t.classes['.'] = 11;
  t.columns = 14;
  // 1 start, 2 behind the sign, then phases of `modulus` states: whole digits, behind the dot with 0 to `places` digits,
  // only zeros; one more for a whole part 0, which no digit follows.
  const auto phase = [&](size_t number, uint64_t remainder) { return uint32_t(3 + number * modulus + remainder); };
  const uint32_t zero = phase(places + 3, 0);
  t.next.assign((zero + 1) * t.columns, 0);
  t.accepts.assign(zero + 1, false);
  const auto set = [&](uint32_t state, unsigned column, uint32_t next) { t.next[state * t.columns + column] = next; };
  for (const uint32_t s : {1u, 2u}) {
    set(s, 0, zero);
    for (unsigned d = 1; d < 10; ++d) set(s, d, phase(0, d % modulus));
  }
  set(1, 10, 2);
  set(zero, 11, phase(1, 0));
  t.accepts[zero] = true;
  for (uint64_t r = 0; r < modulus; ++r) {
    t.accepts[phase(0, r)] = r * scale % modulus == 0;
    set(phase(0, r), 11, phase(1, r));
    for (unsigned d = 0; d < 10; ++d) set(phase(0, r), d, phase(0, (r * 10 + d) % modulus));
    for (size_t k = 0; k < places; ++k)
      for (unsigned d = 0; d < 10; ++d) set(phase(1 + k, r), d, phase(2 + k, (r * 10 + d) % modulus));
    uint64_t left = 1;
    for (size_t k = places + 1; k-- > 0;) {  // k digits behind the dot
      if (k > 0) t.accepts[phase(1 + k, r)] = r * left % modulus == 0;
      left = left * 10 % modulus;
    }
    set(phase(1 + places, r), 0, phase(2 + places, r));
    set(phase(2 + places, r), 0, phase(2 + places, r));
    t.accepts[phase(2 + places, r)] = r == 0;
  }
  return pool.FromTable(std::move(t), 1);
}

// Far from one, as writers of JSON put it with an exponent: below 1e-4 (the first), from 1e16 on (the second).
ReId Scientific(RegexPool& pool, bool tiny) {
  return *grammar::ParseRegex(pool,
                              tiny ? "[1-9](\\.[0-9]+)?[eE]-(0?[5-9]|[1-9][0-9]{1,2})"
                                   : "[1-9](\\.[0-9]{1,16})?[eE]\\+?(1[6-9]|[2-9][0-9]|[12][0-9][0-9]|30[0-8])",
                              grammar::RegexMatch::kWhole);
}

Decimal Power(bool tiny) { return tiny ? Decimal{false, "0", "0001"} : Decimal{false, "1" + std::string(16, '0'), ""}; }

}  // namespace

std::optional<ReId> NumberRegex(RegexPool& p, const NumberRange& range, SchemaStyle style) {
  const bool strict = style == SchemaStyle::kStrict;
  Digits digits(p, style);
  const ReId every = p.Concat(digits.Whole(), digits.Fraction()), minus = p.Literal("-");
  ReId above = every, below = every;  // sizes of numbers from 0 up, and of those below 0
  if (range.min) {
    const Bound& b = *range.min;
    if (!b.at.negative) above = p.And(above, digits.Above(b.at, b.exclusive));
    below = b.at.negative || (b.at.zero() && !b.exclusive) ? p.And(below, digits.Below(b.at, b.exclusive)) : kNothing;
  }
  if (range.max) {
    const Bound& b = *range.max;
    above = b.at.negative ? kNothing : p.And(above, digits.Below(b.at, b.exclusive));
    if (b.at.negative || (b.at.zero() && b.exclusive)) below = p.And(below, digits.Above(b.at, b.exclusive));
  }
  // One zero is enough.
  if (strict) below = p.And(below, p.Not(p.Concat(p.Literal("0"), digits.Zeros())));
  ReId all = p.Or(above, p.Concat(minus, below));
  if (range.integer) {
    const ReId whole =
        p.Concat(p.Optional(minus), p.Concat(digits.Whole(), strict || range.whole_only ? kEmptyText : digits.Zeros()));
    const bool free = !range.min && !range.max && !strict;
    all = free ? whole : p.And(all, whole);
  } else if (!range.min && !range.max && !strict) {
    all = p.Concat(p.Optional(minus), every);
  }
  if (strict && !range.integer && !range.min && !range.max && range.multiples.empty()) {
    return p.Concat(all, p.Optional(*grammar::ParseRegex(p, "[eE][-+]?[0-9]{1,2}", grammar::RegexMatch::kWhole)));
  }
  if (!strict && !range.integer && !range.min && !range.max && range.multiples.empty()) {
    return p.Concat(all, p.Optional(*grammar::ParseRegex(p, "[eE][-+]?[0-9]+", grammar::RegexMatch::kWhole)));
  }
  for (const Decimal& m : range.multiples) {
    const auto multiple = MultipleOf(p, m);
    if (!multiple) return std::nullopt;
    all = p.And(all, *multiple);
  }
  if (strict || !range.multiples.empty()) return all;
  // With an exponent only what lies within the bounds whatever its digits are.
  for (const bool tiny : {true, false}) {
    if ((tiny && range.integer) || (!tiny && range.whole_only)) continue;
    const Decimal edge = Power(tiny), zero;
    Decimal negative = edge;
    negative.negative = true;
    const auto above_min = [&](const Decimal& d) { return !range.min || Compare(range.min->at, d) <= 0; };
    const auto below_max = [&](const Decimal& d) { return !range.max || Compare(range.max->at, d) >= 0; };
    const bool positive_fits = tiny ? above_min(zero) && below_max(edge) : above_min(edge) && !range.max;
    const bool negative_fits = tiny ? above_min(negative) && below_max(zero) : below_max(negative) && !range.min;
    const ReId size = Scientific(p, tiny);
    if (positive_fits) all = p.Or(all, size);
    if (negative_fits) all = p.Or(all, p.Concat(minus, size));
  }
  return all;
}

ReId EqualNumber(RegexPool& p, const nlohmann::ordered_json& number, SchemaStyle style) {
  const auto d = Decimal::From(number);
  if (!d) return p.Literal(number.dump());
  const std::string plain = (d->negative ? "-" : "") + d->whole;
  if (style == SchemaStyle::kStrict) return p.Literal(d->fraction.empty() ? plain : plain + "." + d->fraction);
  const ReId zeros = p.Star(p.Literal("0"));
  ReId out = d->fraction.empty() ? p.Concat(p.Literal(plain), p.Optional(p.Concat(p.Literal(".0"), zeros)))
                                 : p.Concat(p.Literal(plain + "." + d->fraction), zeros);
  if (d->zero()) out = p.Concat(p.Optional(p.Literal("-")), out);
  if (number.is_number_float()) {
    char buffer[64];
    out = p.Or(
        out,
        p.Literal(
            {buffer, std::to_chars(buffer, buffer + sizeof buffer, number.get<double>(), std::chars_format::scientific).ptr}));
  }
  return out;
}

}  // namespace hasten::schema
