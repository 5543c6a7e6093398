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

// What Answer gives of a program, as a program: numbers as text, nothing for what is neither.
static Expr Answered(const Expr& e) {
  switch (TypeOf(e)) {
    case 't':
      return e;
    case 'n':
      return Apply("format", {e, Number(0), Number(30), Number(1), Text("none")});
    case 'x':
      break;
    default:
      return Apply("nothing", {});
  }
  const std::string_view op = e.op->name;
  if (op == "if") return Apply("if", {e.args[0], Answered(e.args[1]), Answered(e.args[2])});
  if (op == "nothing") return e;
  const char first = TypeOf(e.args[0]);
  if (first == 't' || first == 'n') return Apply("first", {Answered(e.args[0]), Answered(e.args[1])});
  return Apply("if", {Apply("is_nothing", {e.args[0]}), Answered(e.args[1]), Answered(e.args[0])});
}

Result<std::string> Emit(const SavedProgram& saved, Language language, std::span<const std::vector<Cell>> rows) {
  SavedProgram program = saved;
  program.program = Answered(saved.program);
  switch (language) {
    case Language::kPython:
      return EmitPython(program);
    case Language::kJs:
      return EmitJs(program);
    case Language::kSql:
      return EmitSql(program, rows);
    case Language::kExcel:
      return EmitExcel(program, rows);
    case Language::kSh:
      return EmitSh(program);
  }
  return Error{Code::kBug, "no such language"};
}

}  // namespace hasten::solve
