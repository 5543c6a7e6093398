// S-expressions of SMT-LIB and SyGuS-IF files, read from hostile bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hasten::solve {

// An atom or a list. A string literal's text is what it denotes ("" inside
// quotes is one quote).
struct Sexpr {
  enum class Kind : uint8_t { kList, kSymbol, kString };
  Kind kind = Kind::kList;
  std::string text;
  std::vector<Sexpr> items;
  size_t line = 0;  // where it begins, from 1

  bool IsList() const { return kind == Kind::kList; }
  bool IsSymbol(std::string_view name) const { return kind == Kind::kSymbol && text == name; }
  bool IsCall(std::string_view name) const { return IsList() && !items.empty() && items[0].IsSymbol(name); }
};

// All expressions of a file. kCorrupt names the line; nesting beyond 256 is
// refused.
Result<std::vector<Sexpr>> ParseSexprs(std::string_view text);

// A string as an SMT-LIB literal, quotes included.
std::string QuoteSmt(std::string_view text);

}  // namespace hasten::solve
