// TOML of others as a plain tree that remembers lines; nesting is limited before parsing, the order of the file kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hasten {

struct TomlMember;

struct TomlValue {
  enum class Kind : uint8_t { kBool, kInteger, kReal, kText, kTime, kList, kTable };
  Kind kind = Kind::kTable;
  size_t line = 1;
  bool flag = false;
  int64_t integer = 0;
  double real = 0;                  // of an integer too
  std::string text;                 // of a time too, as written
  std::vector<TomlValue> items;     // kList
  std::vector<TomlMember> members;  // kTable

  const TomlValue* Find(std::string_view name) const;
  bool IsNumber() const { return kind == Kind::kInteger || kind == Kind::kReal; }
};
struct TomlMember {
  std::string first;
  TomlValue second;
};
std::string_view TomlKindName(TomlValue::Kind kind);  // "a text", "a list", …

// kBadInput names the line. Deeper than `depth` nested lists and tables is refused before anything is built.
Result<TomlValue> ParseToml(const std::string& text, size_t depth = 64);

}  // namespace hasten
