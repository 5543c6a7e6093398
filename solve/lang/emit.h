// Programs as code of other languages that stands alone.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "solve/lang/program_json.h"

namespace hasten::solve {

enum class Language : uint8_t { kPython, kJs, kSql, kExcel, kSh };
Result<Language> LanguageNamed(std::string_view name);  // "python", "js", "sql", "excel", "sh"

// Python: a module with the function `program(cells)`, which completes a CSV file when run (input and output are standard). JS:
// the same for Node.js. sh: a script that runs the same with awk. SQL: a statement for SQLite over the table `data`. Excel: a
// formula for row 2. kUnsupported names the operation that the language has no words for.
// Excel reads dates only in the formats that the inputs of a table's `rows` have.
Result<std::string> Emit(const SavedProgram& program, Language language, std::span<const std::vector<Cell>> rows = {});

}  // namespace hasten::solve
