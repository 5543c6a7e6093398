// Programs as JSON, to be kept and applied again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "solve/lang/program.h"

namespace hasten::solve {

struct SavedProgram {
  std::vector<std::string> inputs;  // names of the columns it reads
  std::string output;               // name of the column it writes
  Expr program;
};

// {"hasten": "program", "inputs": […], "output": "…", "program": ["concat",
// {"input": 0}, "-", …]}
std::string ProgramToJson(const SavedProgram& saved);
// kCorrupt: not such a program; an operation that does not exist, the wrong
// number of arguments, an input beyond the columns.
Result<SavedProgram> ProgramFromJson(std::string_view text);

}  // namespace hasten::solve
