#include "text/jinja/format.h"

#include <charconv>
#include <cmath>

#include "text/encoding.h"
#include "text/jinja/operators.h"

namespace hasten::jinja {
namespace {

// What stands behind '%' or ':' in either kind of pattern. Source: Python's "Format Specification Mini-Language".
struct Spec {
  std::string fill = " ";
  char align = '\0';  // < > = ^
  char sign = '-';
  bool alternate = false, comma = false, underscore = false;
  int64_t width = 0, precision = -1;
  char type = '\0';
};

int64_t Number(std::string_view text, size_t& at) {
  int64_t value = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
    value = std::min<int64_t>(value * 10 + (text[at] - '0'), 1 << 30);
  return value;
}

std::string Digits(uint64_t value, unsigned base) {
  char buffer[72];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value, int(base)).ptr};
}

// Commas or underscores between thousands of the digits at the front.
std::string Grouped(const std::string& digits, char separator) {
  const size_t end = std::min(digits.find_first_not_of("0123456789"), digits.size());
  std::string out;
  for (size_t i = 0; i < end; ++i) {
    if (i > 0 && (end - i) % 3 == 0) out += separator;
    out += digits[i];
  }
  return out + digits.substr(end);
}

Result<std::string> Padded(Interpreter& in, std::string body, const std::string& sign, const Spec& spec, char align) {
  const size_t length = CountChars(body) + sign.size();
  const size_t missing = spec.width > 0 && size_t(spec.width) > length ? size_t(spec.width) - length : 0;
  if (!in.meter().Affords(missing, 8)) return in.meter().error();
  const size_t left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  std::string before, after;
  for (size_t i = 0; i < left; ++i) before += spec.fill;
  for (size_t i = left; i < missing; ++i) after += spec.fill;
  return align == '=' ? sign + before + body : before + sign + body + after;
}

// The digits of |v|; `type` is one of e f g % or nothing.
std::string FloatDigits(double v, const Spec& spec) {
  const double size = std::abs(v);
  if (!std::isfinite(v)) return std::isnan(v) ? "nan" : "inf";
  if (!spec.type && spec.precision < 0) return FloatRepr(size);
  const char lower = char(spec.type | 0x20);
  const int precision = int(std::min<int64_t>(spec.precision < 0 ? 6 : spec.precision, 1000));
  if (spec.type == '%') return Fmt("%.*f%%", precision, size * 100);
  if (lower == 'f') return Fmt("%.*f", precision, size);
  if (lower == 'e') return Fmt("%.*e", precision, size);
  std::string general = Fmt(spec.alternate ? "%#.*g" : "%.*g", std::max(precision, 1), size);
  const bool plain = !spec.type && general.find_first_of(".e") == general.npos;
  return plain ? general + ".0" : general;
}

Result<std::string> FormatFloat(Interpreter& in, double v, const Spec& spec) {
  std::string digits = FloatDigits(v, spec);
  if (spec.type == 'E' || spec.type == 'G' || spec.type == 'F')
    for (char& c : digits) c = char(std::toupper(static_cast<unsigned char>(c)));
  if (spec.comma || spec.underscore) digits = Grouped(digits, spec.comma ? ',' : '_');
  const std::string sign = std::signbit(v) && !std::isnan(v) ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  return Padded(in, std::move(digits), sign, spec, spec.align ? spec.align : '>');
}

Result<std::string> FormatInt(Interpreter& in, int64_t v, const Spec& spec) {
  const uint64_t size = v < 0 ? 0 - uint64_t(v) : uint64_t(v);
  const char lower = char(spec.type | 0x20);
  std::string digits;
  if (spec.type == 'c') {
    if (v < 0 || v > 0x10ffff) return Mistake("%c wants a character's code");
    AppendUtf8(digits, uint32_t(v));
  } else {
    digits = Digits(size, lower == 'x' ? 16 : lower == 'o' ? 8 : lower == 'b' ? 2 : 10);
  }
  if (spec.type == 'X')
    for (char& c : digits) c = char(std::toupper(static_cast<unsigned char>(c)));
  if (spec.precision > 0 && spec.type != 'c') {
    const size_t wanted = size_t(std::min<int64_t>(spec.precision, 1000));
    digits.insert(0, wanted > digits.size() ? wanted - digits.size() : 0, '0');
  }
  if (spec.comma || spec.underscore) digits = Grouped(digits, spec.comma ? ',' : '_');
  std::string sign = spec.type == 'c' ? "" : v < 0 ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  if (spec.alternate && (lower == 'x' || lower == 'o' || lower == 'b')) sign += std::string("0") + spec.type;
  return Padded(in, std::move(digits), sign, spec, spec.align ? spec.align : '>');
}

Result<std::string> FormatText(Interpreter& in, std::string_view text, const Spec& spec) {
  if (spec.precision >= 0) text = text.substr(0, ByteOfChar(text, size_t(spec.precision)));
  return Padded(in, std::string(text), "", spec, spec.align && spec.align != '=' ? spec.align : '<');
}

Result<std::string> FormatValue(Interpreter& in, const Value& v, const Spec& spec) {
  const bool real = spec.type != '\0' && std::string_view("eEfFgG%").find(spec.type) != std::string_view::npos;
  const bool whole = spec.type != '\0' && std::string_view("bcdoxXn").find(spec.type) != std::string_view::npos;
  if (v.number() && (real || (v.Is(Kind::kFloat) && !whole && spec.type != 's'))) return FormatFloat(in, v.AsFloat(), spec);
  if (v.integral() && spec.type != 's' && !(v.Is(Kind::kBool) && spec.type == '\0')) return FormatInt(in, v.AsInt(), spec);
  if (real || whole) return Mistake(Fmt("format code '%c' does not fit a value of type '", spec.type) + TypeName(v) + "'");
  return FormatText(in, in.Shown(v), spec);
}

// ---- "%…" ----

class Percent {
 public:
  Percent(Interpreter& in, const Value& pattern, const Value& values) : in_(in), pattern_(pattern), values_(values) {}

  Result<Value> Run() {
    const std::string_view text = pattern_.AsText();
    std::string out;
    for (size_t at = 0; at < text.size();) {
      const size_t sign = std::min(text.find('%', at), text.size());
      out.append(text.substr(at, sign - at));
      at = sign + 1;
      if (sign == text.size()) break;
      if (at == text.size()) return Mistake("incomplete format: a single '%' at the end");
      TRY(const std::string part, One(text, at));
      if (!in_.meter().Affords(out.size() + part.size())) return in_.meter().error();
      out += part;
    }
    const bool tuple = values_.list() && values_.list()->tuple();
    const bool one = !values_.dict() && (!values_.list() || tuple);  // a mapping or a list need not be used up
    if (one && (tuple ? next_ < values_.list()->items.size() : next_ == 0))
      return Mistake("not all arguments were converted by the format");
    return in_.Text(std::move(out), pattern_.safe());
  }

 private:
  Result<Value> NextValue() {
    if (!values_.list() || !values_.list()->tuple()) {
      if (next_++ > 0) return Mistake("not enough arguments for the format");
      return values_;
    }
    if (next_ >= values_.list()->items.size()) return Mistake("not enough arguments for the format");
    return values_.list()->items[next_++];
  }

  Result<int64_t> Count(std::string_view text, size_t& at) {
    if (at >= text.size() || text[at] != '*') return Number(text, at);
    ++at;
    TRY(const Value v, NextValue());
    if (!v.integral()) return Mistake("'*' in a format wants an integer");
    return std::min<int64_t>(v.AsInt(), 1 << 30);
  }

  Result<std::string> One(std::string_view text, size_t& at) {
    Spec spec;
    std::optional<Value> named;
    if (text[at] == '(') {
      const size_t close = text.find(')', at);
      if (close == text.npos) return Mistake("an incomplete key in a format: ')' is missing");
      if (!values_.dict()) return Mistake("a format with names wants a mapping");
      const Value* found = values_.dict()->Find(text.substr(at + 1, close - at - 1));
      if (!found)
        return Mistake("the format names '" + std::string(text.substr(at + 1, close - at - 1)) + "', which is not given");
      named = *found;
      at = close + 1;
    }
    for (; at < text.size() && std::string_view("#0- +").find(text[at]) != std::string_view::npos; ++at) {
      if (text[at] == '-') spec.align = '<';
      if (text[at] == '0' && spec.align != '<') spec.align = '=';
      if (text[at] == '+' || (text[at] == ' ' && spec.sign != '+')) spec.sign = text[at];
      spec.alternate |= text[at] == '#';
    }
    TRY(spec.width, Count(text, at));
    if (at < text.size() && text[at] == '.') {
      TRY(spec.precision, Count(text, ++at));
    }
    while (at < text.size() && (text[at] == 'l' || text[at] == 'h' || text[at] == 'L')) ++at;
    if (at >= text.size()) return Mistake("incomplete format");
    spec.type = text[at++];
    if (spec.type == '%') return std::string("%");
    Value value;
    if (named) {
      value = *named;
    } else {
      TRY(value, NextValue());
    }
    return Convert(value, spec);
  }

  Result<std::string> Convert(const Value& value, Spec spec) {
    if (spec.align == '=') spec.fill = "0";
    if (spec.type == 's' || spec.type == 'r' || spec.type == 'a') {
      if (spec.align == '=') spec.fill = " ";
      const std::string shown = spec.type == 's'
                                    ? std::string((pattern_.safe() ? Escaped(in_, value) : in_.Text(in_.Shown(value))).AsText())
                                    : Repr(value, in_.meter());
      spec.align = spec.align == '<' ? '<' : '>';
      return FormatText(in_, shown, spec);
    }
    if (spec.type == 'i' || spec.type == 'u') spec.type = 'd';
    if (spec.type == 'd' && value.Is(Kind::kFloat) && std::abs(value.AsFloat()) < 9e18)
      return FormatInt(in_, int64_t(value.AsFloat()), spec);
    if (spec.type == 'c' && value.text()) return FormatText(in_, value.AsText(), spec);
    if (std::string_view("doxXeEfFgGc").find(spec.type) == std::string_view::npos)
      return Mistake(Fmt("unsupported format character '%c'", spec.type));
    if (!value.number()) return Mistake(Fmt("%%%c format: a number is required, not ", spec.type) + TypeName(value));
    return FormatValue(in_, value, spec);
  }

  Interpreter& in_;
  const Value &pattern_, &values_;
  size_t next_ = 0;
};

// ---- "{…}" ----

Result<Spec> ParseSpec(std::string_view text) {
  Spec spec;
  size_t at = 0;
  const auto align_at = [&](size_t i) {
    return i < text.size() && std::string_view("<>=^").find(text[i]) != std::string_view::npos;
  };
  size_t second = 0;
  if (!text.empty()) NextChar(text, second);
  if (second > 0 && align_at(second)) {
    spec.fill = text.substr(0, second);
    spec.align = text[second];
    at = second + 1;
  } else if (align_at(0)) {
    spec.align = text[at++];
  }
  if (at < text.size() && std::string_view("+- ").find(text[at]) != std::string_view::npos) spec.sign = text[at++];
  if (at < text.size() && text[at] == '#') spec.alternate = ++at > 0;
  if (at < text.size() && text[at] == '0' && !spec.align) {
    spec.fill = "0";
    spec.align = '=';
  }
  spec.width = Number(text, at);
  if (at < text.size() && text[at] == ',') spec.comma = ++at > 0;
  if (at < text.size() && text[at] == '_') spec.underscore = ++at > 0;
  if (at < text.size() && text[at] == '.') spec.precision = Number(text, ++at);
  if (at < text.size()) spec.type = text[at++];
  static constexpr std::string_view kTypes("sbcdoxXneEfFgG%\0", 16);
  if (at < text.size() || kTypes.find(spec.type) == kTypes.npos)
    return Mistake("invalid format specifier '" + std::string(text) + "'");
  return spec;
}

class Brace {
 public:
  Brace(Interpreter& in, const Args& args, bool safe) : in_(in), args_(args), safe_(safe) {}

  // `depth`: fields may stand inside of a field's own specification, once.
  Result<std::string> Run(std::string_view text, int depth) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
      const char c = text[at];
      if ((c == '{' || c == '}') && at + 1 < text.size() && text[at + 1] == c) {
        out += c;
        at += 2;
      } else if (c == '}') {
        return Mistake("a single '}' in a format");
      } else if (c == '{') {
        const size_t end = FieldEnd(text, at);
        if (end == text.npos) return Mistake("a '{' in a format is never closed");
        TRY(const std::string field, Field(text.substr(at + 1, end - at - 1), depth));
        if (!in_.meter().Affords(out.size() + field.size())) return in_.meter().error();
        out += field;
        at = end + 1;
      } else {
        out += c;
        ++at;
      }
    }
    return out;
  }

 private:
  static size_t FieldEnd(std::string_view text, size_t open) {
    int depth = 0;
    for (size_t at = open; at < text.size(); ++at) {
      depth += text[at] == '{';
      if (text[at] == '}' && --depth == 0) return at;
    }
    return text.npos;
  }

  Result<std::string> Field(std::string_view field, int depth) {
    in_.meter().Step();
    const size_t colon = field.find(':'), bang = field.substr(0, colon).find('!');
    const std::string_view path = field.substr(0, std::min(colon, bang));
    const std::string_view conversion =
        bang == field.npos ? "" : field.substr(bang + 1, std::min(colon, field.size()) - bang - 1);
    std::string spec_text(colon == field.npos ? "" : field.substr(colon + 1));
    if (spec_text.find('{') != spec_text.npos) {
      if (depth > 0) return Mistake("a format nested too deeply");
      TRY(spec_text, Run(spec_text, depth + 1));
    }
    TRY(Value value, Lookup(path));
    if (conversion == "r" || conversion == "a") {
      value = in_.Text(Repr(value, in_.meter()));
    } else if (conversion == "s") {
      value = in_.Text(in_.Shown(value));
    } else if (!conversion.empty()) {
      return Mistake("unknown conversion '" + std::string(conversion) + "' in a format");
    }
    TRY(const Spec spec, ParseSpec(spec_text));
    if (!spec_text.empty() && !value.text() && !value.number())
      return Mistake("a value of type '" + TypeName(value) + "' takes no format specifier");
    if (value.Is(Kind::kBool) && !spec_text.empty() && spec.type != 's') value = value.AsInt();
    TRY(std::string shown, FormatValue(in_, value, spec));
    if (!safe_ || value.safe()) return shown;
    return std::string(Escaped(in_, in_.Text(std::move(shown))).AsText());
  }

  // "name.attribute[key]", "0", or "" for the next one.
  Result<Value> Lookup(std::string_view path) {
    size_t at = std::min(path.find_first_of(".["), path.size());
    TRY(Value value, First(path.substr(0, at)));
    while (at < path.size()) {
      const bool item = path[at] == '[';
      const size_t end = item ? path.find(']', at) : std::min(path.find_first_of(".[", at + 1), path.size());
      if (end == path.npos) return Mistake("a '[' in a format is never closed");
      const std::string_view name = path.substr(at + 1, end - at - 1);
      if (item) {
        int64_t index = 0;
        const bool digits = std::from_chars(name.data(), name.data() + name.size(), index).ptr == name.data() + name.size();
        TRY(value, in_.Item(value, digits && !name.empty() ? Value(index) : in_.Text(std::string(name))));
      } else {
        TRY(value, in_.Attribute(value, name));
      }
      at = end + item;
    }
    return value;
  }

  Result<Value> First(std::string_view name) {
    size_t index = 0;
    const bool digits =
        !name.empty() && std::from_chars(name.data(), name.data() + name.size(), index).ptr == name.data() + name.size();
    if (name.empty()) index = next_++;
    if (name.empty() || digits) {
      if (index < args_.positional.size()) return args_.positional[index];
      return Mistake(Fmt("the format wants more than the %zu values given", args_.positional.size()));
    }
    for (const auto& [key, value] : args_.named)
      if (key.view() == name) return value;
    return Mistake("the format names '" + std::string(name) + "', which is not given");
  }

  Interpreter& in_;
  const Args& args_;
  bool safe_;
  size_t next_ = 0;
};

}  // namespace

Result<Value> PercentFormat(Interpreter& in, const Value& pattern, const Value& values) {
  return Percent(in, pattern, values).Run();
}

Result<Value> BraceFormat(Interpreter& in, const Value& pattern, const Args& args) {
  TRY(std::string text, Brace(in, args, pattern.safe()).Run(pattern.AsText(), 0));
  return in.Text(std::move(text), pattern.safe());
}

}  // namespace hasten::jinja
