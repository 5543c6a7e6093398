// Filters that make texts of texts.
#include <algorithm>
#include <cmath>

#include "text/jinja/format.h"
#include "text/jinja/functions.h"
#include "text/jinja/operators.h"
#include "text/jinja/text_lines.h"

namespace hasten::jinja {
namespace {

Result<Value> UpperFilter(const Invocation& call) { return call.Like(Upper(call.Shown())); }
Result<Value> LowerFilter(const Invocation& call) { return call.Like(Lower(call.Shown())); }
Result<Value> CapitalizeFilter(const Invocation& call) { return call.Like(Capitalized(call.Shown())); }

// Not str.title: words begin behind blanks, '-' and opening brackets only.
Result<Value> TitleFilter(const Invocation& call) {
  const std::string text = call.Shown();
  std::string out, word;
  const auto finish = [&] {
    const size_t first = ByteOfChar(word, 1);
    out += Upper(word.substr(0, first)) + Lower(word.substr(first));
    word.clear();
  };
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const uint32_t c = NextChar(text, at);
    if (IsSpace(c) || (c < 0x80 && std::string_view("-({[<").find(char(c)) != std::string_view::npos)) {
      finish();
      out.append(text, begin, at - begin);
    } else {
      word.append(text, begin, at - begin);
    }
  }
  finish();
  return call.in.Text(std::move(out));
}

Result<Value> TrimFilter(const Invocation& call) {
  Value chars = call.Has(0) ? *call.args[0] : Value(None{});
  Args args;
  if (!chars.none()) args.positional.push_back(chars);
  return CallMethod(call.in, call.value.text() ? call.value : call.in.Text(call.Shown()), "strip", args);
}

Result<Value> ReplaceFilter(const Invocation& call) {
  Args args;
  for (size_t i = 0; i < 2; ++i) args.positional.push_back(call.in.Text(call.in.Shown(*call.args[i])));
  if (call.Has(2) && !call.args[2]->none()) args.positional.push_back(*call.args[2]);
  return CallMethod(call.in, call.in.Text(call.Shown()), "replace", args);
}

Result<Value> EscapeFilter(const Invocation& call) { return Escaped(call.in, call.value); }
Result<Value> ForceEscape(const Invocation& call) { return Escaped(call.in, call.in.Text(call.Shown())); }
Result<Value> Safe(const Invocation& call) { return call.in.Text(call.Shown(), true); }
Result<Value> StringFilter(const Invocation& call) { return call.value.text() ? call.value : call.in.Text(call.Shown()); }

Result<Value> CenterFilter(const Invocation& call) {
  TRY(const int64_t width, call.Int(0, 80));
  Args args;
  args.positional.push_back(width);
  return CallMethod(call.in, call.value.text() ? call.value : call.in.Text(call.Shown()), "center", args);
}

Result<Value> FormatFilter(const Invocation& call) {
  const Value pattern = call.value.text() ? call.value : call.in.Text(call.Shown());
  if (call.raw.named.empty()) return PercentFormat(call.in, pattern, call.in.NewList(call.raw.positional, List::kTuple));
  if (!call.raw.positional.empty()) return Mistake("filter 'format' takes values by position or by name, not both");
  Dict* names = call.in.heap().NewDict();
  for (const auto& [name, value] : call.raw.named) call.in.heap().Set(names, name.view(), value);
  return PercentFormat(call.in, pattern, names);
}

Result<Value> Indent(const Invocation& call) {
  if (!call.value.text()) return Mistake("filter 'indent' wants a string, not '" + TypeName(call.value) + "'");
  std::string indent;
  if (call.Has(0) && call.args[0]->text()) {
    indent = call.args[0]->AsText();
  } else {
    TRY(const int64_t width, call.Int(0, 4));
    if (width > 0 && !call.in.meter().Affords(size_t(width))) return call.in.meter().error();
    indent.assign(width > 0 ? size_t(width) : 0, ' ');
  }
  const bool first = call.Flag(1), blank = call.Flag(2);
  const std::string text = std::string(call.value.AsText()) + "\n";  // then the last line is one, even when empty
  const auto lines = Lines(text, false);
  if (!call.in.meter().Affords(lines.size(), indent.size() + 1)) return call.in.meter().error();
  std::string out = first ? indent : "";
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += "\n";
    if (i > 0 && (blank || !lines[i].empty())) out += indent;
    out += lines[i];
  }
  return call.Like(std::move(out));
}

Result<Value> Truncate(const Invocation& call) {
  TRY(const int64_t length, call.Int(0, 255));
  TRY(const std::string_view end, call.Text(2, "..."));
  int64_t leeway = 5;
  if (call.Has(3) && !call.args[3]->none()) {
    TRY(leeway, call.Int(3, 5));
  }
  const int64_t room = length - int64_t(CountChars(end));
  if (room < 0 || leeway < 0) return Mistake("filter 'truncate': the length is shorter than its own end");
  const std::string text = call.Shown();
  if (int64_t(CountChars(text)) <= length + leeway) return call.value;
  std::string cut = text.substr(0, ByteOfChar(text, size_t(room)));
  if (!call.Flag(1)) cut = cut.substr(0, cut.rfind(' '));
  return call.Like(cut.append(end));
}

// Greedy lines of at most `width` characters, broken at blanks, behind hyphens, and inside of what is longer.
Result<Value> WordWrap(const Invocation& call) {
  TRY(const int64_t width, call.Int(0, 79));
  TRY(const std::string_view joint, call.Text(2, "\n"));
  if (width <= 0) return Mistake(Fmt("filter 'wordwrap': a width of %lld", static_cast<long long>(width)));
  const WrapOptions options{
      .width = size_t(width), .break_long_words = call.Flag(1, true), .break_on_hyphens = call.Flag(3, true)};
  std::string out;
  const std::string text = call.Shown();
  bool begun = false;
  for (const std::string_view line : Lines(text, false)) {
    if (begun) out += joint;
    begun = true;
    const auto wrapped = Wrapped(line, options);
    if (!call.in.meter().Affords(out.size() + line.size() + wrapped.size() * joint.size())) return call.in.meter().error();
    for (size_t i = 0; i < wrapped.size(); ++i) out.append(i > 0 ? joint : "").append(wrapped[i]);
  }
  return call.in.Text(std::move(out));
}

Result<Value> WordCount(const Invocation& call) {
  const std::string text = call.Shown();
  int64_t words = 0;
  bool inside = false;
  for (size_t at = 0; at < text.size();) {
    const bool word = IsWord(NextChar(text, at));
    words += word && !inside;
    inside = word;
  }
  return Value(words);
}

// Tags and comments away, blanks to one, the entities of markup resolved.
Result<Value> StripTags(const Invocation& call) {
  std::string text = call.Shown(), plain;
  const auto drop = [&](std::string_view open, std::string_view close) {
    std::string kept;
    size_t at = 0;
    for (size_t begin = Find(text, open); begin != text.npos; begin = Find(text, open, at)) {
      const size_t end = Find(text, close, begin);
      if (end == text.npos) break;
      kept.append(text, at, begin - at);
      at = end + close.size();
    }
    text = kept.append(text, at, text.npos);
  };
  drop("<!--", "-->");
  drop("<", ">");
  for (const std::string_view word : Words(text)) plain.append(plain.empty() ? "" : " ").append(word);
  static constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#34;", "\""}, {"&#39;", "'"}, {"&nbsp;", "\u00a0"}, {"&amp;", "&"}};
  std::string out;
  for (size_t at = 0; at < plain.size();) {
    const auto entity =
        std::ranges::find_if(kEntities, [&](const auto& e) { return std::string_view(plain).substr(at).starts_with(e.first); });
    if (entity == std::end(kEntities)) {
      out += plain[at++];
    } else {
      out += entity->second;
      at += entity->first.size();
    }
  }
  return call.in.Text(std::move(out));
}

std::string Quoted(std::string_view text, bool query) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain || (c == '/' && !query)) {
      out += c;
    } else if (c == ' ' && query) {
      out += '+';
    } else {
      out += Fmt("%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<Value> UrlEncode(const Invocation& call) {
  Interpreter& in = call.in;
  if (call.value.text() || (!call.value.list() && !call.value.dict())) return in.Text(Quoted(call.Shown(), false));
  std::vector<std::pair<Value, Value>> pairs;
  if (call.value.dict()) {
    pairs = call.value.dict()->items;
  } else {
    TRY(const List* rows, in.Iterate(call.value));
    for (const Value& row : rows->items) {
      TRY(const List* pair, in.Iterate(row));
      if (pair->items.size() != 2) return Mistake("filter 'urlencode' wants pairs");
      pairs.emplace_back(pair->items[0], pair->items[1]);
    }
  }
  std::string out;
  for (const auto& [key, value] : pairs)
    out += (out.empty() ? "" : "&") + Quoted(in.Shown(key), true) + "=" + Quoted(in.Shown(value), true);
  return in.Text(std::move(out));
}

Result<Value> XmlAttr(const Invocation& call) {
  if (!call.value.dict()) return Mistake("filter 'xmlattr' wants a mapping");
  std::string out;
  for (const auto& [key, value] : call.value.dict()->items) {
    if (value.none() || !value.defined()) continue;
    const std::string name = call.in.Shown(key);
    if (name.find_first_of(" \t\n\r\f\v/>=") != name.npos)
      return Mistake("invalid character in attribute name: " + TextRepr(name));
    out += out.empty() ? "" : " ";
    out.append(Escaped(call.in, key).AsText()).append("=\"").append(Escaped(call.in, value).AsText()).append("\"");
  }
  return call.in.Text((call.Flag(0, true) && !out.empty() ? " " : "") + out);
}

Result<Value> FileSizeFormat(const Invocation& call) {
  const auto number = call.in.Filter("float", call.value, {});
  if (!number) return number.error();
  const double bytes = number->AsFloat(), base = call.Flag(0) ? 1024 : 1000;
  if (bytes == 1) return call.in.Text("1 Byte");
  if (std::abs(bytes) < base || !std::isfinite(bytes)) return call.in.Text(Fmt("%.0f Bytes", std::trunc(bytes)));
  static constexpr std::string_view kPrefixes = "kMGTPEZY";
  double unit = base * base;
  size_t i = 0;
  for (; i + 1 < kPrefixes.size() && bytes >= unit; ++i) unit *= base;
  const char prefix = call.Flag(0) && i == 0 ? 'K' : kPrefixes[i];
  return call.in.Text(Fmt("%.1f %c%s", base * bytes / unit, prefix, call.Flag(0) ? "iB" : "B"));
}

constexpr Entry kFilters[] = {
    {"upper", "", UpperFilter},
    {"lower", "", LowerFilter},
    {"capitalize", "", CapitalizeFilter},
    {"title", "", TitleFilter},
    {"trim", "chars", TrimFilter},
    {"replace", "old! new! count", ReplaceFilter},
    {"escape", "", EscapeFilter},
    {"e", "", EscapeFilter},
    {"forceescape", "", ForceEscape},
    {"safe", "", Safe},
    {"string", "", StringFilter},
    {"center", "width", CenterFilter},
    {"format", "*", FormatFilter},
    {"indent", "width first blank", Indent},
    {"truncate", "length killwords end leeway", Truncate},
    {"wordwrap", "width break_long_words wrapstring break_on_hyphens", WordWrap},
    {"wordcount", "", WordCount},
    {"striptags", "", StripTags},
    {"urlencode", "", UrlEncode},
    {"xmlattr", "autospace", XmlAttr},
    {"filesizeformat", "binary", FileSizeFormat},
};

}  // namespace

std::span<const Entry> TextFilters() { return kFilters; }

}  // namespace hasten::jinja
