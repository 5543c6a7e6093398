#include "text/grammar/gbnf.h"

#include <algorithm>
#include <unordered_map>

#include "base/quote.h"
#include "text/grammar/char_set.h"

namespace hasten::grammar {
namespace {

constexpr size_t kDeepest = 200;
constexpr uint32_t kMostRepeats = 10'000;

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

class Parser {
 public:
  Parser(Grammar& grammar, std::string_view text, const FindToken& find_token)
      : grammar_(grammar), text_(text), find_token_(find_token) {}

  Result<ReId> Parse() {
    for (Space(true); at_ < text_.size(); Space(true)) TRY_OK(Rule());
    for (const auto& [name, use] : uses_) {
      if (!use.defined)
        return Error{Code::kBadInput,
                     Fmt("the grammar's line %zu names a rule %s that is nowhere defined", use.line, Printable(name).c_str())};
    }
    const auto root = uses_.find("root");
    if (root == uses_.end()) return Error{Code::kBadInput, "the grammar has no rule root to begin with"};
    return grammar_.pool.Call(root->second.symbol);
  }

 private:
  struct Use {
    uint32_t symbol;
    size_t line;
    bool defined = false;
  };

  size_t Line() const {
    return 1 + size_t(std::count(text_.begin(), text_.begin() + ptrdiff_t(std::min(at_, text_.size())), '\n'));
  }
  Error Wrong(const std::string& what) const {
    return {Code::kBadInput, Fmt("the grammar's line %zu: %s", Line(), what.c_str())};
  }
  bool Sees(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool Take(std::string_view s) {
    if (!text_.substr(at_).starts_with(s)) return false;
    at_ += s.size();
    return true;
  }

  void Space(bool lines) {
    for (; at_ < text_.size(); ++at_) {
      if (Sees('#')) {
        while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
        --at_;
        continue;
      }
      const bool line_end = Sees('\n') || Sees('\r');
      if (!Sees(' ') && !Sees('\t') && !(line_end && (lines || NextLineGoesOn()))) return;
    }
  }

  // Whether the next line that holds anything begins with |.
  bool NextLineGoesOn() const {
    const size_t next = text_.find_first_not_of(" \t\r\n", at_);
    return next != std::string_view::npos && text_[next] == '|';
  }

  std::string_view Name() {
    const size_t start = at_;
    while (at_ < text_.size() && IsNameChar(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  Use& UseOf(std::string_view name) {
    const auto [it, is_new] = uses_.try_emplace(std::string(name));
    if (is_new) {
      it->second = {.symbol = uint32_t(grammar_.symbols.size()), .line = Line()};
      grammar_.symbols.push_back({.name = std::string(name)});
    }
    return it->second;
  }

  Status Rule() {
    const std::string name(Name());
    if (name.empty()) return Wrong("a rule's name is wanted: letters, digits, - and _");
    Space(false);
    if (!Take("::=")) return Wrong(Fmt("::= is wanted behind %s", Printable(name).c_str()));
    Space(true);
    TRY(const ReId body, Alternatives(0));
    Use& use = UseOf(name);
    use.defined = true;
    grammar_.symbols[use.symbol].body = body;  // of two rules with one name the later one counts, as in llama.cpp
    if (at_ < text_.size() && !Sees('\n') && !Sees('\r'))
      return Wrong(Fmt("unexpected %s", Printable(text_.substr(at_, 1)).c_str()));
    return {};
  }

  Result<ReId> Alternatives(size_t depth) {
    if (depth > kDeepest) return Wrong(Fmt("groups nest deeper than %zu", kDeepest));
    std::vector<ReId> parts;
    do {
      Space(true);
      TRY(const ReId id, Sequence(depth));
      parts.push_back(id);
    } while (Take("|"));
    return grammar_.pool.Or(std::move(parts));
  }

  Result<ReId> Sequence(size_t depth) {
    std::vector<ReId> parts;
    for (; at_ < text_.size() && !Sees('|') && !Sees(')') && !Sees('\n') && !Sees('\r'); Space(depth > 0)) {
      TRY(const ReId atom, Atom(depth));
      Space(depth > 0);
      TRY(const ReId repeated, Quantified(atom));
      parts.push_back(repeated);
    }
    ReId id = kEmptyText;
    for (size_t i = parts.size(); i-- > 0;) id = grammar_.pool.Concat(parts[i], id);
    return id;
  }

  Result<ReId> Quantified(ReId atom) {
    for (;;) {
      if (Take("*")) {
        atom = grammar_.pool.Star(atom);
      } else if (Take("+")) {
        atom = grammar_.pool.Repeat(atom, 1, kNoLimit);
      } else if (Take("?")) {
        atom = grammar_.pool.Optional(atom);
      } else if (Take("{")) {
        TRY(atom, Counted(atom));
      } else {
        return atom;
      }
      Space(false);
    }
  }

  Result<uint32_t> Number() {
    uint64_t n = 0;
    const size_t start = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      n = std::min<uint64_t>(n * 10 + uint64_t(text_[at_] - '0'), kNoLimit);
    if (at_ == start) return Wrong("a number is wanted");
    if (n > kMostRepeats) return Wrong(Fmt("more than %u repetitions", kMostRepeats));
    return uint32_t(n);
  }

  Result<ReId> Counted(ReId atom) {
    Space(false);
    TRY(const uint32_t lo, Number());
    uint32_t hi = lo;
    Space(false);
    if (Take(",")) {
      Space(false);
      hi = kNoLimit;
      if (!Sees('}')) {
        TRY(hi, Number());
      }
      Space(false);
    }
    if (!Take("}")) return Wrong("a } is wanted");
    if (hi < lo) return Wrong(Fmt("{%u,%u} counts backwards", lo, hi));
    return grammar_.pool.Repeat(atom, lo, hi);
  }

  Result<ReId> Atom(size_t depth) {
    if (Take("\"")) return Literal();
    if (Take("[")) return Class();
    if (Take(".")) return kAnyChar;
    if (Take("(")) {
      TRY(const ReId id, Alternatives(depth + 1));
      Space(true);
      if (!Take(")")) return Wrong("a ( without its )");
      return id;
    }
    if (Sees('<') || Sees('!')) return TokenAtom();
    const std::string_view name = Name();
    if (name.empty()) return Wrong(Fmt("unexpected %s", Printable(text_.substr(at_, 1)).c_str()));
    return grammar_.pool.Call(UseOf(name).symbol);
  }

  Result<ReId> TokenAtom() {
    const bool negated = Take("!");
    if (!Take("<")) return Wrong("! stands before a <token> only");
    if (Take("[")) {
      TRY(const uint32_t id, TokenNumber());
      if (!Take("]>")) return Wrong("a token is written <[id]> or <text>");
      return grammar_.pool.Token(int32_t(id), negated);
    }
    const size_t end = text_.find('>', at_);
    if (end == std::string_view::npos) return Wrong("a < without its >");
    const std::string text = "<" + std::string(text_.substr(at_, end + 1 - at_));
    at_ = end + 1;
    const auto id = find_token_ ? find_token_(text) : std::nullopt;
    if (!id) return Wrong(Fmt("%s is no token of this vocabulary", Printable(text).c_str()));
    return grammar_.pool.Token(*id, negated);
  }

  Result<uint32_t> TokenNumber() {
    uint64_t n = 0;
    const size_t start = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      n = std::min<uint64_t>(n * 10 + uint64_t(text_[at_] - '0'), INT32_MAX);
    if (at_ == start) return Wrong("a token's number is wanted");
    return uint32_t(n);
  }

  Result<ReId> Literal() {
    std::string bytes;
    while (!Sees('"')) {
      TRY(const uint32_t c, Char("a \" without its \""));
      AppendUtf8(bytes, c);
    }
    ++at_;
    return grammar_.pool.Literal(bytes);
  }

  Result<ReId> Class() {
    const bool negated = Take("^");
    CharSet set;
    while (!Sees(']')) {
      TRY(const uint32_t first, Char("a [ without its ]"));
      uint32_t last = first;
      if (Sees('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        TRY(last, Char("a [ without its ]"));
      }
      if (last < first) return Wrong("a range that runs backwards");
      set.Add(first, last);
    }
    ++at_;
    return (negated ? set.Complement() : set).ToRegex(grammar_.pool);
  }

  Result<uint32_t> Hex(size_t digits) {
    uint64_t c = 0;
    for (size_t i = 0; i < digits; ++i, ++at_) {
      const char h = at_ < text_.size() ? text_[at_] : 0;
      if (!((h >= '0' && h <= '9') || (h >= 'a' && h <= 'f') || (h >= 'A' && h <= 'F')))
        return Wrong(Fmt("%zu hexadecimal digits are wanted", digits));
      c = c * 16 + uint64_t(h <= '9' ? h - '0' : (h | 32) - 'a' + 10);
    }
    if (c > kLastChar || (c >= 0xD800 && c <= 0xDFFF)) return Wrong("no such code point");
    return uint32_t(c);
  }

  // One code point of a literal or class; `unclosed` says what is missing where the text ends.
  Result<uint32_t> Char(const char* unclosed) {
    if (at_ >= text_.size()) return Wrong(unclosed);
    if (Take("\\")) {
      if (at_ >= text_.size()) return Wrong(unclosed);
      const char c = text_[at_++];
      switch (c) {
        case 'n':
          return uint32_t('\n');
        case 'r':
          return uint32_t('\r');
        case 't':
          return uint32_t('\t');
        case 'x':
          return Hex(2);
        case 'u':
          return Hex(4);
        case 'U':
          return Hex(8);
        case '\\':
        case '"':
        case '[':
        case ']':
        case '-':
        case '^':
        case '/':
          return uint32_t(c);
        default:
          return Wrong(Fmt("\\%s means nothing", Printable(std::string(1, c)).c_str()));
      }
    }
    const size_t length = Utf8Length(text_.substr(at_));
    if (length == 0) return Wrong("not UTF-8");
    uint32_t c = uint8_t(text_[at_]);
    if (length > 1) c &= 0xFFu >> (length + 1);
    for (size_t i = 1; i < length; ++i) c = c << 6 | (uint8_t(text_[at_ + i]) & 0x3F);
    at_ += length;
    return c;
  }

  Grammar& grammar_;
  const std::string_view text_;
  const FindToken& find_token_;
  size_t at_ = 0;
  std::unordered_map<std::string, Use> uses_;
};

}  // namespace

Result<ReId> ParseGbnf(Grammar& grammar, std::string_view text, const FindToken& find_token) {
  if (text.size() > kLongestGrammar)
    return Error{Code::kBadInput, Fmt("a grammar of %zu bytes; at most %zu are read", text.size(), kLongestGrammar)};
  return Parser(grammar, text, find_token).Parse();
}

}  // namespace hasten::grammar
