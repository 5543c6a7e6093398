// Filters over numbers and single values.
#include <charconv>
#include <cmath>

#include "text/jinja/functions.h"
#include "text/jinja/operators.h"
#include "text/jinja/text_lines.h"

namespace hasten::jinja {
namespace {

Result<Value> Default(const Invocation& call) {
  const bool missing = !call.value.defined() || (call.Flag(1) && !Truth(call.value));
  if (!missing) return call.value;
  return call.Has(0) ? *call.args[0] : call.in.Text("");
}

Result<Value> Attr(const Invocation& call) {
  TRY(const std::string_view name, call.Text(0, ""));
  if (call.value.dict() && !call.value.dict()->is_namespace && !HasMethod(call.in, call.value, name))
    return Value(Undefined{Str(std::string(name), nullptr), "dict"});
  return call.in.Attribute(call.value, name);
}

// The digits of `text` as Python's int() and float() want them: blanks around, single underscores inside.
std::optional<std::string> NumberText(std::string_view text) {
  const auto words = Words(text);
  if (words.size() != 1) return {};
  std::string out;
  const std::string_view word = words[0];
  for (size_t i = 0; i < word.size(); ++i) {
    const auto alnum = [&](size_t at) { return at < word.size() && std::isalnum(static_cast<unsigned char>(word[at])); };
    if (word[i] != '_') {
      out += word[i];
    } else if (i == 0 || !alnum(i - 1) || !alnum(i + 1)) {
      return {};
    }
  }
  return out;
}

std::optional<double> ParseFloat(std::string_view text) {
  const auto digits = NumberText(text);
  if (!digits) return {};
  std::string_view rest = *digits;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty() || rest[0] == '-' || rest[0] == '+') return {};
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (end != rest.data() + rest.size() || rest.find('(') != rest.npos) return {};
  if (error == std::errc::result_out_of_range)
    value = rest.find("e-") != rest.npos || rest.find("E-") != rest.npos ? 0 : HUGE_VAL;
  return negative ? -value : value;
}

std::optional<int64_t> ParseInt(std::string_view text, int64_t base) {
  const auto digits = NumberText(text);
  if (!digits || base < 0 || base == 1 || base > 36) return {};
  std::string_view rest = *digits;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.size() > 2 && rest[0] == '0') {
    const char letter = char(rest[1] | 0x20);
    const int named = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (named != 0 && (base == named || base == 0)) {
      rest.remove_prefix(2);
      base = named;
    }
  }
  int64_t value = 0;
  const std::string whole = (negative ? "-" : "") + std::string(rest);
  if (rest.empty() || !std::isalnum(static_cast<unsigned char>(rest[0]))) return {};
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value, base == 0 ? 10 : int(base));
  if (error != std::errc() || end != whole.data() + whole.size()) return {};
  return value;
}

std::optional<int64_t> Truncated(double v) {
  if (!(std::abs(v) < 9223372036854775808.0)) return {};
  return int64_t(v);
}

Result<Value> Int(const Invocation& call) {
  const Value& v = call.value;
  if (!v.defined()) return Mistake(UndefinedMessage(v.undefined()));
  const Value otherwise = call.Has(0) ? *call.args[0] : Value(int64_t{0});
  if (v.integral()) return Value(v.AsInt());
  std::optional<double> real;
  if (v.Is(Kind::kFloat)) real = v.AsFloat();
  if (v.text()) {
    TRY(const int64_t base, call.Int(1, 10));
    if (const auto whole = ParseInt(v.AsText(), base)) return Value(*whole);
    real = ParseFloat(v.AsText());
  }
  const auto whole = real ? Truncated(*real) : std::optional<int64_t>();
  if (real && std::isfinite(*real) && !whole) return TooLarge();
  return whole ? Value(*whole) : otherwise;
}

Result<Value> Float(const Invocation& call) {
  const Value& v = call.value;
  if (!v.defined()) return Mistake(UndefinedMessage(v.undefined()));
  if (v.number()) return Value(v.AsFloat());
  if (v.text())
    if (const auto real = ParseFloat(v.AsText())) return Value(*real);
  return call.Has(0) ? *call.args[0] : Value(0.0);
}

Result<Value> Abs(const Invocation& call) {
  const Value& v = call.value;
  if (!v.defined()) return Mistake(UndefinedMessage(v.undefined()));
  if (!v.number()) return Mistake("bad operand type for abs(): '" + TypeName(v) + "'");
  if (v.Is(Kind::kFloat)) return Value(std::abs(v.AsFloat()));
  return v.AsInt() < 0 ? Signed(v, true) : Value(v.AsInt());
}

// Half to even of the exact binary value, which is what printf does.
double RoundedTo(double v, int64_t digits) {
  if (!std::isfinite(v) || digits > 300) return v;
  if (digits >= 0) return std::strtod(Fmt("%.*f", int(digits), v).c_str(), nullptr);
  if (digits < -308) return 0;
  const double unit = std::pow(10.0, double(-digits));
  return std::nearbyint(v / unit) * unit;
}

Result<Value> Round(const Invocation& call) {
  const Value& v = call.value;
  if (!v.number()) return Mistake("filter 'round' wants a number, not '" + TypeName(v) + "'");
  TRY(const int64_t digits, call.Int(0, 0));
  TRY(const std::string_view method, call.Text(1, "common"));
  if (method == "common") {
    if (!v.integral()) return Value(RoundedTo(v.AsFloat(), digits));
    return digits >= 0 ? Value(v.AsInt()) : Value(int64_t(RoundedTo(double(v.AsInt()), digits)));
  }
  if (method != "ceil" && method != "floor") return Mistake("filter 'round' knows the methods common, ceil and floor");
  const double unit = std::pow(10.0, double(digits)), scaled = v.AsFloat() * unit;
  return Value((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / unit);
}

Result<Value> PPrint(const Invocation& call) { return call.in.Text(Repr(call.value, call.in.meter())); }

constexpr Entry kFilters[] = {
    {"default", "default_value boolean", Default},
    {"d", "default_value boolean", Default},
    {"attr", "name!", Attr},
    {"int", "default base", Int},
    {"float", "default", Float},
    {"abs", "", Abs},
    {"round", "precision method", Round},
    {"pprint", "", PPrint},
    {"tojson", "ensure_ascii indent separators sort_keys", ToJson},
};

}  // namespace

std::span<const Entry> ValueFilters() { return kFilters; }

}  // namespace hasten::jinja
