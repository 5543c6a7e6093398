#include "solve/lang/emit.h"

#include "base/quote.h"
#include "solve/lang/emit_languages.h"
#include "solve/lang/ops.h"

namespace hasten::solve {

static constexpr std::string_view kNames[] = {"python", "js", "sql", "excel", "sh"};

Result<Language> LanguageNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return Language(i);
  }
  return Error{Code::kBadInput, "unknown language '" + Printable(name) + "'; use python, js, sql, excel or sh"};
}

Result<std::string> Emit(const SavedProgram& saved, Language language) {
  SavedProgram program = saved;  // what computes a number is to be written as text
  if (const Expr& e = saved.program; e.kind == Expr::Kind::kOp && e.op->types.ends_with(":n")) {
    program.program = Apply("format", {e, Number(0), Number(30), Number(1), Text("none")});
  }
  switch (language) {
    case Language::kPython:
      return EmitPython(program);
    case Language::kJs:
      return EmitJs(program);
    case Language::kSql:
      return EmitSql(program);
    case Language::kExcel:
      return EmitExcel(program);
    case Language::kSh:
      return EmitSh(program);
  }
  return Error{Code::kBug, "no such language"};
}

}  // namespace hasten::solve
