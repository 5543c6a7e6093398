// One emitter a language; see emit.h.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "solve/lang/emit.h"

namespace hasten::solve {

std::string EmitPython(const SavedProgram& program);
std::string EmitJs(const SavedProgram& program);
Result<std::string> EmitSql(const SavedProgram& program);
Result<std::string> EmitExcel(const SavedProgram& program);
Result<std::string> EmitSh(const SavedProgram& program);

// A definition in a language's library, and the definitions that it uses ("a b"), all by name.
struct Definition {
  std::string_view name, needs, code;
};

// The definitions that the program's operations need, those of `always` too, each once and in the library's order.
std::string LibraryFor(const Expr& program, std::span<const Definition> library, std::string_view always);

}  // namespace hasten::solve
