#include "text/toml.h"

#include <algorithm>
#include <sstream>
#include <toml.hpp>

#include "base/quote.h"
#include "text/jinja/unicode.h"

namespace hasten {

// Brackets outside of strings and comments, and the dots of keys: toml11 descends once for each.
static size_t DepthOf(std::string_view text) {
  size_t depth = 0, deepest = 0, dots = 0;
  char quote = 0;
  bool comment = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      comment = false;
      dots = 0;
    }
    if (comment) continue;
    if (quote) {
      if (c == '\\' && quote == '"') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      comment = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      depth -= depth > 0;
    } else if (c == '.') {
      deepest = std::max(deepest, depth + ++dots);
    }
  }
  return deepest;
}

static TomlValue Convert(const toml::value& from) {
  TomlValue to;
  to.line = from.location().line();
  using Kind = TomlValue::Kind;
  switch (from.type()) {
    case toml::value_t::boolean:
      to.kind = Kind::kBool;
      to.flag = from.as_boolean();
      break;
    case toml::value_t::integer:
      to.kind = Kind::kInteger;
      to.integer = from.as_integer();
      to.real = double(to.integer);
      break;
    case toml::value_t::floating:
      to.kind = Kind::kReal;
      to.real = from.as_floating();
      break;
    case toml::value_t::string:
      to.kind = Kind::kText;
      to.text = from.as_string().str;
      break;
    case toml::value_t::array:
      to.kind = Kind::kList;
      for (const toml::value& item : from.as_array()) to.items.push_back(Convert(item));
      break;
    case toml::value_t::table:
      to.kind = Kind::kTable;
      for (const auto& [name, value] : from.as_table()) to.members.emplace_back(name, Convert(value));
      // toml11's tables have no order; the file's lines do.
      std::sort(to.members.begin(), to.members.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second.line, a.first) < std::pair(b.second.line, b.first);
      });
      break;
    default:
      to.kind = Kind::kTime;
      to.text = toml::format(from);
  }
  return to;
}

// The line's number and the reason out of toml11's picture of the place:
//   [error] toml::parse_…: reason
//    --> task.toml
//      |
//    3 | goal =
static Error SyntaxError(const toml::exception& e) {
  const std::string what = e.what();
  std::string reason = what.substr(0, what.find('\n'));
  for (const char* prefix : {"[error] ", "toml::"})
    if (reason.starts_with(prefix)) reason.erase(0, std::string_view(prefix).size());
  if (const size_t colon = reason.find(": "); colon != std::string::npos && reason.find(' ') > colon)
    reason.erase(0, colon + 2);
  return {Code::kBadInput, Fmt("line %zu: ", size_t(e.location().line())) + Printable(reason, 200)};
}

const TomlValue* TomlValue::Find(std::string_view name) const {
  for (const auto& [key, value] : members)
    if (key == name) return &value;
  return nullptr;
}

std::string_view TomlKindName(TomlValue::Kind kind) {
  static constexpr std::string_view kNames[] = {"true or false", "a whole number", "a number", "a text",
                                                "a time",        "a list",         "a table"};
  return kNames[size_t(kind)];
}

// Line of the first byte that is no UTF-8; 0 where all are. TOML is UTF-8; toml11 meets other bytes with an iterator of another
// text (3.7.1, parse_ml_literal_string).
static size_t LineOutsideUtf8(const std::string& text) {
  const std::string valid = jinja::ValidUtf8(text);
  if (valid == text) return 0;
  const auto [at, unused] = std::mismatch(text.begin(), text.end(), valid.begin(), valid.end());
  return 1 + size_t(std::count(text.begin(), at, '\n'));
}

Result<TomlValue> ParseToml(const std::string& text, size_t depth) {
  if (const size_t line = LineOutsideUtf8(text)) return Error{Code::kBadInput, Fmt("line %zu: not UTF-8", line)};
  if (DepthOf(text) > depth) return Error{Code::kBadInput, Fmt("TOML nested deeper than %zu", depth)};
  try {
    std::istringstream in(text);
    return Convert(toml::parse(in, "task"));
  } catch (const toml::exception& e) {
    return SyntaxError(e);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    return Error{Code::kBadInput, "not TOML: " + Printable(e.what(), 200)};
  }
}

}  // namespace hasten
