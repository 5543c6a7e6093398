#include "text/grammar/regex_parser.h"

#include <algorithm>
#include <optional>

#include "base/quote.h"
#include "text/grammar/char_set.h"

namespace hasten::grammar {
namespace {

// ^ and $ are read as bytes that stand before and behind the text and occur in no UTF-8.
constexpr uint8_t kBegin = 0xFE, kEnd = 0xFF;

CharSet DigitChars() {
  CharSet s;
  s.Add('0', '9');
  return s;
}

CharSet WordChars() {
  CharSet s = DigitChars();
  s.Add('a', 'z');
  s.Add('A', 'Z');
  s.Add('_');
  return s;
}

// ECMA-262 WhiteSpace and LineTerminator: Unicode's Zs with tab, vertical tab, form feed, BOM and the line ends.
CharSet SpaceChars() {
  CharSet s;
  s.Add(0x09, 0x0D);
  for (const uint32_t c : {0x20u, 0xA0u, 0x1680u, 0x2028u, 0x2029u, 0x202Fu, 0x205Fu, 0x3000u, 0xFEFFu}) s.Add(c);
  s.Add(0x2000, 0x200A);
  return s;
}

CharSet LineEnds() {
  CharSet s;
  s.Add('\n');
  s.Add('\r');
  s.Add(0x2028, 0x2029);
  return s;
}

class Parser {
 public:
  Parser(RegexPool& pool, std::string_view text) : pool_(pool), text_(text) {}

  Result<ReId> Parse() {
    TRY(const ReId id, Alternatives(0));
    if (at_ < text_.size()) return Wrong("a ) without its (");
    return id;
  }

 private:
  static constexpr size_t kDeepest = 200;

  Error Fail(Code code, const std::string& what) const {
    return {code, Fmt("the pattern %s: byte %zu: %s", Printable(text_).c_str(), at_ + 1, what.c_str())};
  }
  Error Wrong(const std::string& what) const { return Fail(Code::kBadInput, what); }
  Error Unsupported(const std::string& what) const { return Fail(Code::kUnsupported, what); }
  bool Sees(std::string_view s) const { return text_.substr(at_).starts_with(s); }
  bool Take(std::string_view s) {
    if (!Sees(s)) return false;
    at_ += s.size();
    return true;
  }

  Result<ReId> Alternatives(size_t depth) {
    if (depth > kDeepest) return Unsupported(Fmt("groups nest deeper than %zu", kDeepest));
    std::vector<ReId> parts;
    do {
      TRY(const ReId id, Sequence(depth));
      parts.push_back(id);
    } while (Take("|"));
    return pool_.Or(std::move(parts));
  }

  Result<ReId> Sequence(size_t depth) {
    std::vector<ReId> parts;
    while (at_ < text_.size() && !Sees("|") && !Sees(")")) {
      bool anchor = false;
      TRY(const ReId atom, Atom(depth, anchor));
      TRY(const ReId repeated, Quantified(atom, anchor));
      parts.push_back(repeated);
    }
    ReId id = kEmptyText;
    for (size_t i = parts.size(); i-- > 0;) id = pool_.Concat(parts[i], id);
    return id;
  }

  Result<ReId> Quantified(ReId atom, bool anchor) {
    uint32_t lo = 1, hi = 1;
    const size_t before = at_;
    if (Take("*")) {
      lo = 0, hi = kNoLimit;
    } else if (Take("+")) {
      hi = kNoLimit;
    } else if (Take("?")) {
      lo = 0;
    } else if (Sees("{")) {
      TRY(const bool counts, Counts(lo, hi));
      if (!counts) return atom;
    } else {
      return atom;
    }
    if (anchor) {
      at_ = before;
      return Wrong("^ and $ cannot be repeated");
    }
    Take("?");  // as few as possible: the same texts match
    if (Sees("*") || Sees("+") || Sees("?")) return Wrong("nothing to repeat");
    return pool_.Repeat(atom, lo, hi);
  }

  // {n}, {n,} or {n,m}; anything else is a brace that stands for itself.
  Result<bool> Counts(uint32_t& lo, uint32_t& hi) {
    size_t i = at_ + 1;
    const auto number = [&]() -> std::optional<uint64_t> {
      uint64_t n = 0;
      const size_t start = i;
      for (; i < text_.size() && text_[i] >= '0' && text_[i] <= '9'; ++i)
        n = std::min<uint64_t>(n * 10 + uint64_t(text_[i] - '0'), kNoLimit);
      return i == start ? std::nullopt : std::optional(n);
    };
    const auto first = number();
    if (!first) return false;
    uint64_t last = *first;
    if (i < text_.size() && text_[i] == ',') {
      ++i;
      last = number().value_or(kNoLimit);
      if (text_[i - 1] != ',' && last == kNoLimit) last = kNoLimit - 1;
    }
    if (i >= text_.size() || text_[i] != '}') return false;
    if (last < *first) return Wrong(Fmt("{%zu,%zu} counts backwards", size_t(*first), size_t(last)));
    if (*first > kMostRepeats || (last != kNoLimit && last > kMostRepeats)) {
      return Unsupported(Fmt("more than %u repetitions", kMostRepeats));
    }
    lo = uint32_t(*first), hi = uint32_t(last);
    at_ = i + 1;
    return true;
  }

  Result<ReId> Atom(size_t depth, bool& anchor) {
    if (Take("^") || Take("$")) {
      anchor = true;
      return pool_.Bytes(ByteSet::One(text_[at_ - 1] == '^' ? kBegin : kEnd));
    }
    if (Sees("(")) return Group(depth);
    if (Take(".")) return LineEnds().Complement().ToRegex(pool_);
    if (Take("[")) return Class();
    if (Sees("*") || Sees("+") || Sees("?")) return Wrong("nothing to repeat");
    if (Sees("\\")) {
      CharSet set;
      TRY([[maybe_unused]] const auto one, Escape(set, false));
      return set.ToRegex(pool_);
    }
    TRY(const uint32_t c, Char());
    CharSet set;
    set.Add(c);
    return set.ToRegex(pool_);
  }

  Result<ReId> Group(size_t depth) {
    for (const char* look : {"(?=", "(?!", "(?<=", "(?<!"})
      if (Sees(look)) return Unsupported("lookaround is not supported: say what may stand there instead");
    const size_t start = at_;
    Take("(");
    if (Take("?<")) {
      const size_t end = text_.find('>', at_);
      if (end == std::string_view::npos) return Wrong("a group's name without its >");
      at_ = end + 1;
    } else if (!Take("?:") && Sees("?")) {
      return Unsupported("an unknown kind of group");
    }
    TRY(const ReId id, Alternatives(depth + 1));
    if (Take(")")) return id;
    at_ = start;
    return Wrong("a ( without its )");
  }

  // One code point, UTF-8.
  Result<uint32_t> Char() {
    const size_t length = Utf8Length(text_.substr(at_));
    if (length == 0) return Wrong("not UTF-8");
    uint32_t c = uint8_t(text_[at_]);
    if (length > 1) c &= 0xFFu >> (length + 1);
    for (size_t i = 1; i < length; ++i) c = c << 6 | (uint8_t(text_[at_ + i]) & 0x3F);
    at_ += length;
    return c;
  }

  Result<uint32_t> Hex(size_t digits) {
    uint32_t c = 0;
    for (size_t i = 0; i < digits; ++i, ++at_) {
      const char h = at_ < text_.size() ? text_[at_] : 0;
      if (!((h >= '0' && h <= '9') || (h >= 'a' && h <= 'f') || (h >= 'A' && h <= 'F'))) {
        return Wrong(Fmt("%zu hexadecimal digits are wanted", digits));
      }
      c = c * 16 + uint32_t(h <= '9' ? h - '0' : (h | 32) - 'a' + 10);
    }
    return c;
  }

  Result<uint32_t> UnicodeEscape() {
    if (Take("{")) {
      uint32_t c = 0;
      while (!Sees("}")) {
        TRY(const uint32_t digit, Hex(1));
        c = c * 16 + digit;
        if (c > kLastChar) return Wrong("no such code point");
      }
      ++at_;
      return c;
    }
    TRY(const uint32_t high, Hex(4));
    if (high < 0xD800 || high > 0xDBFF || !Sees("\\u")) return high;
    const size_t before = at_;
    at_ += 2;
    TRY(const uint32_t low, Hex(4));
    if (low >= 0xDC00 && low <= 0xDFFF) return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    at_ = before;
    return high;
  }

  // What follows a backslash; the code point where it is a single one, kNoLimit where it is a class.
  Result<uint32_t> Escape(CharSet& set, bool in_class) {
    Take("\\");
    if (at_ >= text_.size()) return Wrong("ends with a backslash");
    const char c = text_[at_];
    const auto add = [&](CharSet chars, bool negated) -> uint32_t {
      ++at_;
      set.Add(negated ? chars.Complement() : chars);
      return kNoLimit;
    };
    switch (c) {
      case 'd':
      case 'D':
        return add(DigitChars(), c == 'D');
      case 'w':
      case 'W':
        return add(WordChars(), c == 'W');
      case 's':
      case 'S':
        return add(SpaceChars(), c == 'S');
      case 'p':
      case 'P':
        return Unsupported("Unicode properties are not supported: name the characters instead");
      default:
        break;
    }
    if (c == 'k' && text_.substr(at_).starts_with("k<"))
      return Unsupported("backreferences are not supported: no automaton can follow them");
    if (!in_class && (c == 'b' || c == 'B'))
      return Unsupported("word boundaries are not supported: say what may stand there instead");
    if (c >= '1' && c <= '9') return Unsupported("backreferences are not supported: no automaton can follow them");
    TRY(const uint32_t one, CharEscape(in_class));
    set.Add(one);
    return one;
  }

  Result<uint32_t> CharEscape(bool in_class) {
    static constexpr std::string_view kNames = "tnvfr", kValues = "\t\n\v\f\r";
    const char c = text_[at_];
    if (const size_t i = kNames.find(c); i != std::string_view::npos) return ++at_, uint32_t(kValues[i]);
    if (c == '0') return ++at_, 0u;
    if (c == 'b' && in_class) return ++at_, uint32_t('\b');
    if (c == 'x') return ++at_, Hex(2);
    if (c == 'u') return ++at_, UnicodeEscape();
    if (c == 'c') {
      const char letter = at_ + 1 < text_.size() ? text_[at_ + 1] : 0;
      if (!((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'))) return Wrong("\\c wants a letter");
      at_ += 2;
      return uint32_t(letter & 31);
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Wrong(Fmt("\\%c means nothing", c));
    return Char();
  }

  // One character of a class, or a class within it (kNoLimit).
  Result<uint32_t> ClassAtom(CharSet& set) {
    if (Sees("\\")) return Escape(set, true);
    TRY(const uint32_t c, Char());
    set.Add(c);
    return c;
  }

  Result<ReId> Class() {
    const size_t start = at_ - 1;
    const bool negated = Take("^");
    CharSet set;
    while (!Sees("]")) {
      if (at_ >= text_.size()) {
        at_ = start;
        return Wrong("a [ without its ]");
      }
      TRY(const uint32_t first, ClassAtom(set));
      if (!Sees("-") || text_.substr(at_).starts_with("-]") || at_ + 1 >= text_.size()) continue;
      const size_t dash = at_++;
      TRY(const uint32_t last, ClassAtom(set));
      if (first == kNoLimit || last == kNoLimit) {  // a class beside a dash: the dash stands for itself
        set.Add('-');
        continue;
      }
      if (last < first) {
        at_ = dash;
        return Wrong("a range that runs backwards");
      }
      set.Add(first, last);
    }
    ++at_;
    return (negated ? set.Complement() : set).ToRegex(pool_);
  }

  RegexPool& pool_;
  const std::string_view text_;
  size_t at_ = 0;
};

// ^ may stand where ^ stood already ("^^a"), so the text counts as beginning with one or several marks; likewise $.
constexpr size_t kMostMarks = 3;

ReId ResolveAnchors(RegexPool& pool, ReId id, bool anywhere) {
  const ReId begin = pool.Bytes(ByteSet::One(kBegin)), end = pool.Bytes(ByteSet::One(kEnd));
  const ReId before = pool.Repeat(begin, 1, kNoLimit), behind = pool.Repeat(end, 1, kNoLimit);
  if (anywhere) {
    id = pool.Concat(pool.Optional(pool.Concat(before, kAnyText)), id);
    id = pool.Concat(id, pool.Optional(pool.Concat(kAnyText, behind)));
  } else {
    id = pool.Concat(pool.Optional(before), pool.Concat(id, pool.Optional(behind)));
  }
  ReId all = kNothing, left = id;
  for (size_t i = 0; i < kMostMarks; ++i) {
    left = pool.Derivative(left, kBegin);
    all = pool.Or(all, left);
  }
  ReId out = kNothing, right = all;
  for (size_t i = 0; i < kMostMarks; ++i) {
    right = pool.RightDerivative(right, kEnd);
    out = pool.Or(out, right);
  }
  return pool.Without(out, ByteSet::Range(kBegin, kEnd));
}

}  // namespace

Result<ReId> ParseRegex(RegexPool& pool, std::string_view pattern, RegexMatch match) {
  if (pattern.size() > kLongestPattern) {
    return Error{Code::kUnsupported, Fmt("a pattern of %zu bytes; at most %zu are read", pattern.size(), kLongestPattern)};
  }
  TRY(const ReId id, Parser(pool, pattern).Parse());
  const ReId resolved = ResolveAnchors(pool, id, match == RegexMatch::kAnywhere);
  if (pool.full()) {
    return Error{Code::kUnsupported, Fmt("the pattern %s needs too many states: make it simpler", Printable(pattern).c_str())};
  }
  return resolved;
}

}  // namespace hasten::grammar
