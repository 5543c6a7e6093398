// One emitter a language; see emit.h.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "solve/lang/emit.h"
#include "solve/lang/facts.h"

namespace hasten::solve {

std::string EmitPython(const SavedProgram& program);
std::string EmitJs(const SavedProgram& program);
Result<std::string> EmitSql(const SavedProgram& program, std::span<const std::vector<Cell>> rows);
Result<std::string> EmitExcel(const SavedProgram& program, std::span<const std::vector<Cell>> rows);
std::string EmitSh(const SavedProgram& program);

// A definition in a language's library, and the definitions that it uses ("a b"), all by name.
struct Definition {
  std::string_view name, needs, code;
};

// The definitions that the program's operations need, `whole` where an argument does and `always` too, each once and in the
// library's order.
std::string LibraryFor(const Expr& program, std::span<const Definition> library, std::string_view always);

// `text` in double quotes: a backslash before a quote and a backslash, and characters below 32 and those of `also` written with
// `escape`, a format that takes their number ("\\x%02x").
std::string QuotedWith(const char* escape, std::string_view text, std::string_view also = "");

// The letter of ops.h for what an expression gives; x where that depends on the row.
char TypeOf(const Expr& e);

// Whether an operation's argument is a place, a count or the like (Whole in runs.h), not a number to compute with.
bool Counts(const Op& op, size_t argument);

// Whether an expression in such a place may be no whole number up to a million. Places found in a text and literals are.
bool NeedsWhole(const Expr& e);

// The fact tables that a program looks into, each once.
std::vector<const FactTable*> TablesOf(const Expr& program);

}  // namespace hasten::solve
