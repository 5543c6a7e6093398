#include "text/jinja/lexer.h"

#include <algorithm>
#include <charconv>

#include "text/encoding.h"
#include "text/jinja/unicode.h"

namespace hasten::jinja {
namespace {

bool Digit(char c) { return c >= '0' && c <= '9'; }
bool NameByte(char c) { return c == '_' || Digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80); }

// All line ends become \n, and the last one goes.
std::string Normalised(std::string_view source) {
  std::string out;
  const std::string valid = ValidUtf8(source);
  out.reserve(valid.size());
  for (size_t i = 0; i < valid.size(); ++i) {
    if (valid[i] == '\r' && i + 1 < valid.size() && valid[i + 1] == '\n') continue;
    out += valid[i] == '\r' ? '\n' : valid[i];
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(Normalised(source)), text_(source_) {}

  Result<std::vector<Token>> Run() {
    while (at_ < text_.size()) TRY_OK(NextPart());
    Add(Token::kEnd, "");
    return std::move(tokens_);
  }

 private:
  Error Wrong(std::string what) const { return {Code::kCorrupt, Fmt("line %d: ", line_) + what}; }
  bool Sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void Add(Token::Type type, std::string text) { tokens_.push_back({type, line_, std::move(text)}); }
  void Move(size_t bytes) {
    line_ += int(std::ranges::count(text_.substr(at_, bytes), '\n'));
    at_ += bytes;
  }
  void SkipSpace() {
    while (at_ < text_.size()) {
      size_t next = at_;
      if (!IsSpace(NextChar(text_, next))) return;
      Move(next - at_);
    }
  }

  // Text up to `end`, where a tag with this sign begins; then moves there.
  void AddData(size_t end, char sign, bool print) {
    std::string_view data = text_.substr(at_, end - at_);
    if (sign == '-') {
      data = RightStripped(data);
    } else if (sign != '+' && !print) {
      const size_t line = data.rfind('\n') + 1;  // 0 where the data has none
      if ((line > 0 || at_ == 0 || text_[at_ - 1] == '\n') && RightStripped(data.substr(line)).empty())
        data = data.substr(0, line);
    }
    if (!data.empty()) Add(Token::kData, std::string(data));
    Move(end - at_);
  }

  static std::string_view RightStripped(std::string_view text) {
    size_t end = 0;
    for (size_t at = 0; at < text.size();)
      if (!IsSpace(NextChar(text, at))) end = at;
    return text.substr(0, end);
  }

  // Behind "%}" or "#}": a newline is dropped; behind their "-" form all whitespace.
  void EndTag(char sign) {
    if (sign == '-') {
      SkipSpace();
    } else if (sign != '+' && Sees("\n")) {
      Move(1);
    }
  }

  size_t NextOpening() const {
    for (size_t i = text_.find('{', at_); i != text_.npos; i = text_.find('{', i + 1))
      if (i + 1 < text_.size() && (text_[i + 1] == '{' || text_[i + 1] == '%' || text_[i + 1] == '#')) return i;
    return text_.npos;
  }

  Status NextPart() {
    const size_t open = NextOpening();
    if (open == text_.npos) {
      Add(Token::kData, std::string(text_.substr(at_)));
      at_ = text_.size();
      return {};
    }
    const char type = text_[open + 1];
    const char next = open + 2 < text_.size() ? text_[open + 2] : '\0';
    const char sign = next == '-' || next == '+' ? next : '\0';
    AddData(open, sign, type == '{');
    if (type == '%') {
      if (const size_t length = WordTag(at_, "raw", false)) return Raw(length);
    }
    const int line = line_;
    if (type != '#') Add(type == '{' ? Token::kPrintBegin : Token::kTagBegin, "");
    Move(sign ? 3 : 2);
    return type == '#' ? Comment(line) : Inside(type == '{');
  }

  Status Comment(int line) {
    const size_t end = text_.find("#}", at_);
    if (end == text_.npos) {
      line_ = line;
      return Wrong("a comment that is never closed: '#}' is missing");
    }
    const char before = end > at_ ? text_[end - 1] : '\0';
    Move(end + 2 - at_);
    EndTag(before == '-' || before == '+' ? before : '\0');
    return {};
  }

  // The bytes of a tag of one word, "{%- raw -%}" with what it strips, or 0. An endraw drops a newline behind it, a raw does
  // not.
  size_t WordTag(size_t from, std::string_view word, bool closing) const {
    size_t at = from + 2;
    const auto space = [&] {
      for (size_t next = at; at < text_.size() && IsSpace(NextChar(text_, next)); at = next) {
      }
    };
    if (at < text_.size() && (text_[at] == '-' || text_[at] == '+')) ++at;
    space();
    if (!text_.substr(at).starts_with(word)) return 0;
    at += word.size();
    space();
    if (text_.substr(at).starts_with("-%}")) {
      at += 3;
      space();
      return at - from;
    }
    const bool keep = closing && text_.substr(at).starts_with("+%}");
    if (!keep && !text_.substr(at).starts_with("%}")) return 0;
    at += keep ? 3 : 2;
    if (closing && !keep && at < text_.size() && text_[at] == '\n') ++at;
    return at - from;
  }

  Status Raw(size_t opening) {
    const int line = line_;
    Move(opening);
    for (size_t end = text_.find("{%", at_); end != text_.npos; end = text_.find("{%", end + 2)) {
      const size_t closing = WordTag(end, "endraw", true);
      if (closing == 0) continue;
      const char sign = text_[end + 2];
      AddData(end, sign == '-' || sign == '+' ? sign : '\0', false);
      Move(closing);
      return {};
    }
    line_ = line;
    return Wrong("a raw block that is never closed: 'endraw' is missing");
  }

  // The tokens between "{{" and "}}", or "{%" and "%}".
  Status Inside(bool print) {
    const int line = line_;
    std::string open;  // the brackets that wait to be closed
    for (;;) {
      SkipSpace();
      if (at_ >= text_.size()) {
        line_ = line;
        return Wrong(print ? "'{{' is never closed" : "'{%' is never closed");
      }
      if (open.empty() && Closes(print)) return {};
      TRY_OK(NextToken(open));
    }
  }

  bool Closes(bool print) {
    const std::string_view end = print ? "}}" : "%}";
    const char c = text_[at_];
    const bool sign = (c == '-' || (c == '+' && !print)) && text_.substr(at_ + 1).starts_with(end);
    if (!sign && !Sees(end)) return false;
    Add(print ? Token::kPrintEnd : Token::kTagEnd, "");
    Move(sign ? 3 : 2);
    if (!print) EndTag(sign ? c : '\0');
    if (print && sign) SkipSpace();
    return true;
  }

  Status NextToken(std::string& open) {
    const char c = text_[at_];
    if (Digit(c)) return Number();
    if (c == '"' || c == '\'') return String(c);
    if (NameByte(c)) {
      size_t end = at_;
      while (end < text_.size() && NameByte(text_[end])) ++end;
      Add(Token::kName, std::string(text_.substr(at_, end - at_)));
      Move(end - at_);
      return {};
    }
    return Operator(open);
  }

  Status Operator(std::string& open) {
    static constexpr std::string_view kOperators[] = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
                                                      "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};
    const auto found = std::ranges::find_if(kOperators, [&](std::string_view o) { return Sees(o); });
    if (found == std::end(kOperators)) return Wrong(Fmt("a character that means nothing here: '%c'", text_[at_]));
    const char c = (*found)[0];
    if (c == '(' || c == '[' || c == '{') open += c == '(' ? ')' : c == '[' ? ']' : '}';
    if (c == ')' || c == ']' || c == '}') {
      if (open.empty()) return Wrong(Fmt("unexpected '%c'", c));
      if (open.back() != c) return Wrong(Fmt("unexpected '%c', expected '%c'", c, open.back()));
      open.pop_back();
    }
    Add(Token::kOperator, std::string(*found));
    Move(found->size());
    return {};
  }

  // Digits with single underscores between them.
  size_t DigitsFrom(size_t at) const {
    while (at < text_.size() && (Digit(text_[at]) || (text_[at] == '_' && at + 1 < text_.size() && Digit(text_[at + 1])))) ++at;
    return at;
  }

  static std::string WithoutUnderscores(std::string_view digits) {
    std::string out(digits);
    std::erase(out, '_');
    return out;
  }

  Status Number() {
    const char base = at_ + 1 < text_.size() && text_[at_] == '0' ? char(text_[at_ + 1] | 0x20) : '\0';
    if (base == 'x' || base == 'o' || base == 'b') return BasedInteger(base == 'x' ? 16 : base == 'o' ? 8 : 2);
    size_t end = DigitsFrom(at_);
    bool real = false;
    const bool after_dot = at_ > 0 && text_[at_ - 1] == '.';  // x.0.1 are two subscripts
    if (!after_dot && end + 1 < text_.size() && text_[end] == '.' && Digit(text_[end + 1])) {
      end = DigitsFrom(end + 1);
      real = true;
    }
    if (!after_dot && end < text_.size() && (text_[end] | 0x20) == 'e') {
      const size_t sign = end + 1 < text_.size() && (text_[end + 1] == '+' || text_[end + 1] == '-') ? 2 : 1;
      if (end + sign < text_.size() && Digit(text_[end + sign])) {
        end = DigitsFrom(end + sign);
        real = true;
      }
    }
    Add(real ? Token::kFloat : Token::kInteger, WithoutUnderscores(text_.substr(at_, end - at_)));
    Move(end - at_);
    return {};
  }

  Status BasedInteger(int base) {
    size_t end = at_ + 2;
    while (end < text_.size() && (std::isxdigit(static_cast<unsigned char>(text_[end])) || text_[end] == '_')) ++end;
    const std::string digits = WithoutUnderscores(text_.substr(at_ + 2, end - at_ - 2));
    int64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc() || stop != digits.data() + digits.size()) return Wrong("a number that cannot be read");
    Add(Token::kInteger, std::to_string(value));
    Move(end - at_);
    return {};
  }

  Status String(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return Wrong("a string that is never closed");
    TRY(std::string meaning, Unescaped(text_.substr(at_ + 1, end - at_ - 1)));
    Add(Token::kString, std::move(meaning));
    Move(end + 1 - at_);
    return {};
  }

  // Python's escapes; an unknown one stays as it is.
  Result<std::string> Unescaped(std::string_view raw) const {
    std::string out;
    for (size_t i = 0; i < raw.size();) {
      if (raw[i] != '\\') {
        out += raw[i++];
        continue;
      }
      const char c = raw[i + 1];  // there is one: the string's end was found behind it
      i += 2;
      static constexpr std::string_view kNames = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
      if (const size_t known = kNames.find(c); known != kNames.npos) {
        out += kMeanings[known];
      } else if (c == '\n') {
        continue;  // a line that goes on
      } else if (c >= '0' && c <= '7') {
        uint32_t code = uint32_t(c - '0');
        for (int more = 0; more < 2 && i < raw.size() && raw[i] >= '0' && raw[i] <= '7'; ++more)
          code = code * 8 + uint32_t(raw[i++] - '0');
        AppendUtf8(out, code);
      } else if (c == 'x' || c == 'u' || c == 'U') {
        TRY_OK(AppendHex(raw, i, c == 'x' ? 2 : c == 'u' ? 4 : 8, out));
      } else {
        out.append("\\").append(1, c);
      }
    }
    return out;
  }

  Status AppendHex(std::string_view raw, size_t& i, size_t digits, std::string& out) const {
    uint32_t code = 0;
    const char* begin = raw.data() + i;
    const char* end = begin + std::min(digits, raw.size() - i);
    const auto [stop, error] = std::from_chars(begin, end, code, 16);
    if (error != std::errc() || stop != begin + digits || code > 0x10ffff)
      return Wrong("a string with a broken \\x, \\u or \\U");
    i += digits;
    uint32_t low = 0;
    const bool high = code >= 0xd800 && code < 0xdc00 && raw.substr(i).starts_with("\\u") && raw.size() >= i + 6;
    if (high && std::from_chars(raw.data() + i + 2, raw.data() + i + 6, low, 16).ec == std::errc() && low >= 0xdc00 &&
        low < 0xe000) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      i += 6;
    }
    AppendUtf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
    return {};
  }

  const std::string source_;
  const std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  std::vector<Token> tokens_;
};

}  // namespace

std::string Describe(const Token& token) {
  switch (token.type) {
    case Token::kData:
      return "text";
    case Token::kPrintBegin:
      return "'{{'";
    case Token::kPrintEnd:
      return "'}}'";
    case Token::kTagBegin:
      return "'{%'";
    case Token::kTagEnd:
      return "'%}'";
    case Token::kString:
      return "a string";
    case Token::kInteger:
    case Token::kFloat:
      return "a number";
    case Token::kEnd:
      return "the end of the template";
    default:
      return "'" + token.text + "'";
  }
}

Result<std::vector<Token>> Tokenize(std::string_view source) { return Lexer(source).Run(); }

}  // namespace hasten::jinja
